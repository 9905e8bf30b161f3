import Testing

@testable import Config

struct QuantityTests {
    @Test(
        "Durations have a number and a unit",
        arguments: [
            ("250ms", Duration.milliseconds(250)), ("5s", .seconds(5)), ("1m", .seconds(60)),
            ("12h", .seconds(43_200)), ("7d", .seconds(604_800)), ("0s", .zero),
            ("5", nil), ("s", nil), ("", nil), ("-5s", nil), ("+5s", nil), ("5 s", nil),
            ("1.5s", nil), ("5S", nil), ("5sec", nil), ("1h30m", nil), ("٥s", nil),
            ("9223372036854775807ms", .milliseconds(Int.max)), ("9223372036854775807s", nil),
            ("9223372036854775808ms", nil),
        ])
    func durations(_ text: String, _ expected: Duration?) {
        #expect(DurationText.parse(text) == expected)
    }

    @Test(
        "Sizes have a number and perhaps a binary unit",
        arguments: [
            ("512", 512), ("512B", 512), ("16KiB", 16_384), ("1MiB", 1 << 20), ("2GiB", 2 << 30),
            ("1TiB", 1 << 40), ("0", 0), ("1KB", nil), ("1k", nil), ("1kib", nil), ("KiB", nil),
            ("-1", nil), ("1.5MiB", nil), ("8388607TiB", 8_388_607 << 40), ("8388608TiB", nil),
        ])
    func sizes(_ text: String, _ expected: Int?) {
        #expect(ByteSize.parse(text) == expected)
    }

    @Test("Messages use the largest unit that needs no fraction")
    func spelling() {
        #expect(DurationText.spelling(of: .milliseconds(1)) == "1ms")
        #expect(DurationText.spelling(of: .seconds(90)) == "90s")
        #expect(DurationText.spelling(of: .seconds(604_800)) == "7d")
        #expect(DurationText.spelling(of: .zero) == "0ms")
        #expect(ByteSize.spelling(of: 1 << 20) == "1MiB")
        #expect(ByteSize.spelling(of: 1025) == "1025B")
        #expect(ByteSize.spelling(of: 0) == "0B")
    }
}
