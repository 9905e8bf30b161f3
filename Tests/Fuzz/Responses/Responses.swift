import FuzzChecks
import FuzzDriver

@main
enum Responses {
    static func main() { FuzzDriver.run(ResponseCheck.run) }
}
