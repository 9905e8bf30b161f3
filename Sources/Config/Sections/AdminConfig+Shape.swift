extension AdminConfig {
    /// The keys of `admin`.
    static let shape = Shape(
        AdminConfig(), keys: [Key("address", \.address, .listenAddress)])
}
