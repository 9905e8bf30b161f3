import FuzzChecks
import FuzzDriver

@main
enum Requests {
    static func main() { FuzzDriver.run(RequestCheck.run) }
}
