import FuzzChecks
import FuzzDriver

@main
enum Bodies {
    static func main() { FuzzDriver.run(BodyCheck.run) }
}
