public import Facts

/// What `prove` found, and where.
public struct ProofReport: Sendable {
  /// Each experiment, in the order in which it is shown.
  public var proofs: [Proof]
  /// The running kernel's release.
  public var kernel: String
  /// The release by whose rules was predicted, where the user chose another.
  public var rules: String?
  /// What /proc/version says.
  public var version: String
  /// The command line that repeats it.
  public var command: String

  /// A report of proofs.
  public init(
    proofs: [Proof], kernel: String, rules: String?, version: String, command: String
  ) {
    self.proofs = proofs
    self.kernel = kernel
    self.rules = rules
    self.version = version
    self.command = command
  }

  /// Whether nothing disagrees and nothing failed; what does not apply to a kernel does not count.
  public var agrees: Bool { disagreeing.isEmpty && failed.isEmpty }

  var disagreeing: [Proof] { proofs.filter { $0.agrees == false } }

  var failed: [Proof] {
    proofs.filter { proof in
      if case .failed = proof.outcome { return true }
      // One that ended without a look at anything shows nothing.
      return proof.outcome == .done && proof.steps.isEmpty
    }
  }

  var notApplicable: [Proof] {
    proofs.filter { proof in
      if case .notApplicable = proof.outcome { true } else { false }
    }
  }
}
