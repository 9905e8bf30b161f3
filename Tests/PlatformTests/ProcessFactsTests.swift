import Glibc
import Platform
import Testing

@Suite("Process facts")
struct ProcessFactsTests {
    @Test("What the kernel says of this process is plausible")
    func plausible() {
        let facts = ProcessFacts.read()
        #expect(facts.cpuSeconds > 0)
        #expect(facts.residentBytes > 1 << 20 && facts.virtualBytes >= facts.residentBytes)
        #expect(facts.openDescriptors >= 3 && facts.openDescriptors < DescriptorLimit.current())
        #expect(facts.threads >= 1)
        let now = Double(WallTime.now().seconds)
        #expect(facts.startTime > 1_600_000_000 && facts.startTime <= now + 2)
        #expect(ProcessFacts.processID == Int(getpid()))
    }

    @Test("The soft limit of descriptors is raised to the hard one")
    func descriptors() {
        let raised = DescriptorLimit.raise()
        #expect(raised >= 256)
        #expect(DescriptorLimit.current() == raised)
        #expect(DescriptorLimit.raise() == raised)
    }

    @Test("The environment is read as it is")
    func environment() {
        #expect(Environment.value("PATH")?.isEmpty == false)
        #expect(Environment.value("MARTLET_NO_SUCH_VARIABLE") == nil)
        #expect(Environment.homeDirectory == Environment.value("HOME"))
        #expect(Environment.currentDirectory.hasPrefix("/"))
    }
}
