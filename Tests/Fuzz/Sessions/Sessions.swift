import FuzzChecks
import FuzzDriver

@main
enum Sessions {
    static func main() { FuzzDriver.run(SessionCheck.run) }
}
