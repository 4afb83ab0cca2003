/// How the text of a key is to be read, whatever its unit.
public enum KeyForm: String, Hashable, Sendable, CaseIterable {
  /// One number, or as many as a vector has.
  case numbers
  /// A name, or names parted by blanks.
  case text
  /// Ports and ranges of them: `8080,9000-9010`.
  case ports
}

/// Who may read and write a key.
public enum KeyAccess: String, Hashable, Sendable, CaseIterable {
  /// Anybody reads it, root writes it.
  case readWrite = "read-write"
  /// Nobody writes it.
  case readOnly = "read-only"
  /// The kernel keeps its value from other users: it is never read, shown or saved.
  case secret
}

/// What a key holds or is to hold.
public enum KeyContent: Hashable, Sendable {
  /// Numbers in the kernel's own unit.
  case numbers([Int64])
  /// Names or ports, as the kernel prints them.
  case text(String)

  /// The text as it is written: words parted by one blank.
  public var text: String {
    switch self {
    case .numbers(let numbers): numbers.map(String.init).joined(separator: " ")
    case .text(let text): text
    }
  }

  /// The numbers, nil for a text.
  public var numbers: [Int64]? {
    switch self {
    case .numbers(let numbers): numbers
    case .text: nil
    }
  }
}
