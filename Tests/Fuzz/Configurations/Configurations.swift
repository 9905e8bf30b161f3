import FuzzChecks
import FuzzDriver

@main
enum Configurations {
    static func main() { FuzzDriver.run(ConfigurationCheck.run) }
}
