import Glibc

/// The expression of `sysctl -r`, by the C library's own matcher (POSIX, extended).
@safe final class LinePattern {
  private var compiled = unsafe regex_t()
  private let isValid: Bool

  /// An expression that is none is no error to the program: nothing fits it.
  init(_ text: String) {
    isValid = unsafe regcomp(&compiled, text, REG_EXTENDED | REG_NOSUB) == 0
  }

  deinit { if isValid { unsafe regfree(&compiled) } }

  /// Whether some part of a text fits; the text ends at its first zero byte.
  func fits(_ text: some Collection<UInt8>) -> Bool {
    let characters = (Array(text) + [0]).map { CChar(bitPattern: $0) }
    guard isValid else { return false }
    return unsafe regexec(&compiled, characters, 0, nil, 0) == 0
  }
}
