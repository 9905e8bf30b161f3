import FuzzChecks
import FuzzDriver

@main
enum ProxyHeaders {
    static func main() { FuzzDriver.run(ProxyHeaderCheck.run) }
}
