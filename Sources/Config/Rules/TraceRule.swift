/// What becomes of `traceparent` and `tracestate` (W3C Trace Context).
public enum TraceRule: String, Sendable, CaseIterable {
    /// They pass as they came.
    case pass
    /// One that is valid passes; where there is none, a trace begins here.
    case begin
    /// They are left out.
    case off
}
