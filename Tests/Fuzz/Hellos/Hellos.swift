import FuzzChecks
import FuzzDriver

@main
enum Hellos {
    static func main() { FuzzDriver.run(HelloCheck.run) }
}
