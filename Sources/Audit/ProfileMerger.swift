import Facts
import Pages

/// Brings the keys of several profiles together: the later wins, and what it overrules is named.
struct ProfileMerger {
  /// The profiles in order; one that was added again stands in its last place only.
  private(set) var profiles: [Profile] = []
  /// One entry for each key, in the order in which the keys came first.
  private(set) var entries: [(entry: Profile.Entry, profile: Profile)] = []
  private(set) var overruled: [Plan.Overruled] = []
  private var places: [SysctlKey: Int] = [:]

  mutating func add(_ profile: Profile) {
    if let index = profiles.firstIndex(where: { $0.isSameFile(as: profile) }) {
      let earlier = profiles.remove(at: index)
      var again = profile
      // Asked for once and included elsewhere, it was asked for.
      if earlier.includedBy == nil { again.includedBy = nil }
      profiles.append(again)
    } else {
      profiles.append(profile)
    }
    for entry in profile.entries { add(entry, of: profile) }
  }

  private mutating func add(_ entry: Profile.Entry, of profile: Profile) {
    guard let place = places[entry.key] else {
      places[entry.key] = entries.count
      entries.append((entry, profile))
      return
    }
    let before = entries[place]
    entries[place] = (entry, profile)
    if before.entry.operator != entry.operator || before.entry.content != entry.content {
      overruled.append(
        Plan.Overruled(
          key: entry.key, earlier: Self.wish(before.entry, before.profile),
          later: Self.wish(entry, profile)))
    }
  }

  private static func wish(_ entry: Profile.Entry, _ profile: Profile) -> Plan.Overruled.Wish {
    var known: ChangeOperator?
    if case .value(let `operator`) = entry.operator { known = `operator` }
    return Plan.Overruled.Wish(
      profile: profile.name, source: profile.place(of: entry), operator: known,
      value: entry.content.text)
  }
}

extension Profile {
  fileprivate func isSameFile(as other: Profile) -> Bool {
    name == other.name && origin == other.origin
  }
}
