import Pages
import Testing

/// Profiles by name, each with its head's further lines and its keys.
private func resolve(
  _ name: String, in files: [String: String], unreadable: Set<String> = []
) throws -> (names: [String], problems: [String]) {
  let resolved = try ProfileResolver.resolve(name, tunables: try PageTexts.set().tunables) {
    name, parent in
    if unreadable.contains(name) { return .unreadable("\(name): Permission denied") }
    // `./x` is another spelling of `x`.
    let identity = name.hasPrefix("./") ? String(name.dropFirst(2)) : name
    guard let rest = files[identity] else {
      return .unknown("expected a profile, found '\(name)' in \(parent?.name ?? "nothing")")
    }
    return .file(
      name: identity, origin: "\(identity).conf", identity: identity,
      bytes: Array("# title: t\n# for: f\n\(rest)".utf8))
  }
  let names = resolved.profiles.map { profile in
    profile.includedBy.map { "\(profile.name) by \($0)" } ?? profile.name
  }
  return (names, resolved.problems.map(\.description))
}

private let key = "\n# why\nnet.core.somaxconn = 1024\n"

@Test func includedProfilesComeFirst() throws {
  let files = [
    "a": "# includes: b, c\n" + key, "b": "# includes: d\n", "c": "# includes: d\n" + key, "d": key,
  ]
  // The one that two include comes once, before both.
  #expect(try resolve("a", in: files).names == ["d by b", "b by a", "c by a", "a"])
  #expect(try resolve("d", in: files).names == ["d"])
}

@Test func circlesAreTold() throws {
  let files = [
    "a": "# includes: b\n" + key, "b": "# includes:\n#   c, ./a\n" + key, "c": "# includes: c\n",
  ]
  let resolved = try resolve("a", in: files)
  #expect(resolved.names == [])
  #expect(
    resolved.problems == [
      "c.conf:3:13: expected no profile that includes this one, found c -> c",
      "b.conf:4:8: expected no profile that includes this one, found a -> b -> a",
    ])
}

@Test func everyProblemOfEveryFile() throws {
  let files = [
    "a": "# includes: nosuch, b, secret\n\nnet.core.somaxconn = x\n",
    "b": "# author: me\n# includes: gone\n" + key,
    "c": "# includes: nosuch, b, secret\n" + key,
  ]
  // What a wrong profile includes is looked at too: all is told at once.
  let first = try resolve("a", in: files, unreadable: ["secret"])
  #expect(first.names == [])
  #expect(
    first.problems == [
      "a.conf:5:1: expected a reason in comment lines above 'net.core.somaxconn', found none",
      "a.conf:5:22: expected a number for 'net.core.somaxconn', found 'x'",
      "a.conf:3:13: expected a profile, found 'nosuch' in a",
      "b.conf:3:3: expected one of 'title:' 'for:' 'not-for:' 'costs:' 'leaves:' 'parameter:' 'sources:'"
        + " 'includes:', found 'author:'",
      "b.conf:4:13: expected a profile, found 'gone' in b",
      "a.conf:3:24: secret: Permission denied",
    ])
  let second = try resolve("c", in: files, unreadable: ["secret"])
  #expect(second.names == [])
  #expect(
    second.problems == [
      "c.conf:3:13: expected a profile, found 'nosuch' in c",
      "b.conf:3:3: expected one of 'title:' 'for:' 'not-for:' 'costs:' 'leaves:' 'parameter:' 'sources:'"
        + " 'includes:', found 'author:'",
      "b.conf:4:13: expected a profile, found 'gone' in b",
      "c.conf:3:24: secret: Permission denied",
    ])
}

@Test func aNameOfNoProfile() throws {
  #expect(throws: ProfileResolver.Failure(message: "expected a profile, found 'x' in nothing")) {
    try resolve("x", in: [:])
  }
  #expect(throws: ProfileResolver.Failure(message: "x: Permission denied")) {
    try resolve("x", in: [:], unreadable: ["x"])
  }
}
