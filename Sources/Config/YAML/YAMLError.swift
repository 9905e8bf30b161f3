/// Why a text is not a YAML document that the decoder will look at.
struct YAMLError: Error, Equatable {
    /// Where the text stops making sense.
    let mark: SourceMark

    /// What is wrong, in libyaml's words where it has any.
    let message: String
}
