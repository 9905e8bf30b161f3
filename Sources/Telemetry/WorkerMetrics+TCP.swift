extension WorkerMetrics {
    /// Bytes were passed on at a TCP site.
    public mutating func tcpMoved(_ site: SiteLabel, bytesIn: Int, bytesOut: Int) {
        if bytesIn > 0 { count(UInt64(bytesIn), SeriesKey(.tcpBytes, a: site.index, b: 0)) }
        if bytesOut > 0 { count(UInt64(bytesOut), SeriesKey(.tcpBytes, a: site.index, b: 1)) }
    }

    /// A connection of a TCP site has ended.
    public mutating func tcpEnded(_ site: SiteLabel, result: TCPResult) {
        count(1, SeriesKey(.tcpConnections, a: site.index, b: result.rawValue))
    }
}
