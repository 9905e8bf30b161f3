internal import CNGHTTP2

/// The HTTP/2 library that was found at run time.
public enum NGHTTP2 {
    /// Its version, as "1.52.0".
    public static var runtimeVersion: String {
        // SAFETY: owner: the library's constant data; lifetime: static; the text is copied.
        guard let facts = unsafe nghttp2_version(0), let text = unsafe facts.pointee.version_str
        else {
            return "unknown"
        }
        return unsafe String(cString: text)
    }
}
