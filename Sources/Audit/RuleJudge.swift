import Catalogue
import Expressions
import Facts
import KernelModel
import Pages
import SysctlConf

/// Evaluates rules over one snapshot and gathers what fires and what stays open.
struct RuleJudge {
  private let facts: SnapshotFacts
  private let release: Reading<KernelRelease>
  private let rules: [Rule]
  private lazy var evaluator = Evaluator(facts)
  /// The same without rates since boot: what still fires is supported by more than old totals.
  private lazy var withoutTotals = {
    var strict = facts
    strict.ratesSinceBoot = false
    return Evaluator(strict)
  }()
  private var screen: RuleScreen

  private(set) var findings: [Finding] = []
  /// What each of the findings names already, made when a second one joins it.
  private var named: [Named?] = []
  private(set) var notChecked: [NotChecked] = []
  private(set) var rulesApplied = 0
  /// What the rule at hand found.
  private var told: [Finding] = []

  /// So many of the listeners for which a rule is undecided are named.
  private let mostUndecided: Int

  init(facts: SnapshotFacts, rules: [Rule], mostUndecided: Int = .max) {
    self.facts = facts
    release = facts.snapshot.host.release
    self.mostUndecided = mostUndecided
    self.rules = rules
    screen = RuleScreen(
      Catalogue.screen, facts, rules: rules.count, mostUndecided: mostUndecided)
  }

  mutating func run() {
    // Those that others give way to come first.
    for index in rules.indices where rules[index].unless.isEmpty { judge(at: index) }
    for index in rules.indices where !rules[index].unless.isEmpty { judge(at: index) }
    screen.leaveMemory()
    notChecked.sort { $0.rule < $1.rule }
    findings.sort {
      if $0.severity != $1.severity { return $0.severity > $1.severity }
      return ($0.rule, $0.subjects.first ?? "") < ($1.rule, $1.subjects.first ?? "")
    }
  }

  /// Nearly all rules are done with by a first look, or were at an earlier sample; a rule is much to
  /// copy.
  private mutating func judge(at index: Int) {
    if let outcome = screen.outcome(of: index), outcome.told == nil || !hasRival(index) {
      tell(outcome)
      return
    }
    screen.begin()
    guard isForThisKernel(index) else { return }
    rulesApplied += 1
    if let start = rules[index].screen, isRefuted(start, for: rules[index].subject) {
      screen.keepRefuted(index)
      return
    }
    let before = notChecked.count
    told = []
    judge(rules[index])
    guard let start = rules[index].screen, !hasRival(index), isToldAlike(rules[index])
    else { return }
    screen.keep(
      index, rules[index].subject, start,
      ScreenMemory.Told(told, notChecked.count > before ? notChecked.last : nil))
  }

  /// Whether a rule has fired that this one may have to give way to.
  private func hasRival(_ index: Int) -> Bool {
    // No closure: it would hold a copy of all this.
    for rival in rules[index].unless {
      for finding in findings where finding.rule == rival { return true }
    }
    return false
  }

  /// Says again what was said of a rule in an earlier sample.
  private mutating func tell(_ outcome: ScreenMemory.Outcome) {
    guard outcome.applies else { return }
    rulesApplied += 1
    guard let told = outcome.told else { return }
    for finding in told.findings { add(finding) }
    if let open = told.open { notChecked.append(open) }
  }

  /// Whether the kernel is one of those that the rule is for; one that is not known is told.
  private mutating func isForThisKernel(_ index: Int) -> Bool {
    if rules[index].kernel.isAny { return true }
    switch release {
    case .known(let release):
      if rules[index].kernel.contains(release) { return true }
      screen.keepRefuted(index, applies: false)
    case .missing(let absence):
      rulesApplied += 1
      let missing = NotChecked.Missing(
        fact: FactName.host(.release).description, absence: absence)
      notChecked.append(NotChecked(rule: rules[index].id, missing: [missing], subjects: []))
    }
    return false
  }

  private mutating func judge(_ rule: Rule) {
    var open = NotChecked(rule: rule.id, missing: [], subjects: [])
    switch members(of: rule) {
    case .missing(let absence):
      open.missing = [NotChecked.Missing(fact: rule.subject.rawValue, absence: absence)]
    case .known(let members):
      // With none the members are judged one by one; taken apart, for this is done for each.
      let isLikely = rule.subject == .listener && rule.asksListenersForNumbersOnly
      var likeness = (isLikely ? facts.likeness : nil) ?? ListenerLikeness([])
      for member in members {
        if let index = member.listener, let known = likeness.known(index) {
          if known == .unknown { note(rule, member, &open) }
          continue
        }
        let truth = judge(rule, member, &open)
        if let index = member.listener { likeness.remember(truth, of: index) }
      }
    }
    if !open.missing.isEmpty { notChecked.append(open) }
  }

  /// Whether a first look is enough: it shows that the rule fires for nobody, as nearly all do.
  private mutating func isRefuted(_ start: Int, for subject: Subject) -> Bool {
    switch subject {
    case .host: screen.refutes(start, for: .host)
    case .listener: screen.refutesForAllListeners(start)
    // What was not gathered is judged once, as if nothing were known of any.
    case .destination:
      facts.snapshot.destinations.absence != nil && screen.refutes(start, for: .host)
    case .entry: false
    }
  }

  /// Whether nothing is told of a rule but what follows from the facts of its condition, the
  /// listeners and the keys.
  private func isToldAlike(_ rule: Rule) -> Bool {
    switch rule.subject {
    case .entry: return facts.entries.absence != nil
    case .destination where facts.snapshot.destinations.absence == nil: return false
    case .host, .listener, .destination:
      return rule.removals.isEmpty && rule.changes.allSatisfy(\.isSteady)
    }
  }

  /// The members for which the rule is evaluated.
  ///
  /// Destinations that were not gathered are evaluated once as if nothing were
  /// known of them: only where that leaves the rule open are they worth a dump.
  private func members(of rule: Rule) -> Reading<[Members]> {
    switch rule.subject {
    case .host: .known([.host])
    case .listener:
      facts.count(of: .listener).map { count in (0..<count).map { Members(.listener, $0) } }
    case .destination:
      switch facts.snapshot.destinations {
      case .known(let all): .known(all.indices.map { Members(.destination, $0) })
      case .missing: .known([.host])
      }
    case .entry:
      facts.count(of: .entry).map { count in (0..<count).map { Members(.entry, $0) } }
    }
  }

  private mutating func judge(
    _ rule: Rule, _ members: Members, _ open: inout NotChecked
  ) -> Truth {
    if let start = rule.screen, screen.refutes(start, for: members) { return .no }
    let truth = evaluator.truth(of: rule.when, for: members)
    if truth == .no || givesWay(rule, members) { return truth }
    let judgement = evaluator.judge(rule.when, for: members)
    let subject =
      rule.subject == .host
      ? nil
      : members[rule.subject].flatMap {
        facts.name(of: rule.subject, $0)
      }
    if truth == .unknown {
      for missing in judgement.missing where !open.missing.contains(missing) {
        open.missing.append(missing)
      }
      note(rule, members, &open)
      return truth
    }
    let sinceBoot = withoutTotals.truth(of: rule.when, for: members) != .yes
    let finding = finding(rule, members, judgement, subject: subject, sinceBoot: sinceBoot)
    told.append(finding)
    add(finding)
    return truth
  }

  /// Adds a member for which a rule is undecided.
  private func note(_ rule: Rule, _ members: Members, _ open: inout NotChecked) {
    guard let index = members[rule.subject] else { return }
    open.subjectCount += 1
    guard open.subjects.count < mostUndecided, let name = facts.name(of: rule.subject, index),
      open.subjects.last != name
    else { return }
    open.subjects.append(name)
  }

  /// Whether a rule that says the better thing has fired for the same member, on more than totals
  /// since boot.
  private func givesWay(_ rule: Rule, _ members: Members) -> Bool {
    guard !rule.unless.isEmpty else { return false }
    let name = members[rule.subject].flatMap { facts.name(of: rule.subject, $0) }
    return findings.contains { other in
      rule.unless.contains(other.rule) && !other.sinceBoot
        && (other.subjects.isEmpty || name.map(other.subjects.contains) ?? true)
    }
  }

  private mutating func finding(
    _ rule: Rule, _ members: Members, _ judgement: Judgement, subject: String?, sinceBoot: Bool
  ) -> Finding {
    var finding = Finding(
      rule: rule.id, severity: sinceBoot ? .note : rule.severity,
      confidence: sinceBoot ? .low : rule.confidence, title: rule.title,
      subjects: subject.map { [$0] } ?? [],
      evidence: identity(of: members, subject) + judgement.evidence, act: rule.act,
      remedy: rule.remedy, sinceBoot: sinceBoot)
    let listener = members.listener.flatMap { facts.queues.value?[$0] }
    // A program's backlog is worth naming only where the rule is about the limit that it sets.
    if rule.act == .application, rule.when.asked.contains("listener.limit"), let listener,
      let name = listener.listener.owner.value?.name.value,
      let setting = BacklogSetting.of(program: name)
    {
      finding.settings = [setting]
    }
    finding.changes = rule.changes.compactMap { proposed($0, rule, members, listener) }
      .keepingOrder(of: rule, facts)
    finding.removals = removals(rule, members)
    return finding
  }

  /// A line's key and value, by which a reader knows it; the condition may speak of neither.
  private func identity(of members: Members, _ subject: String?) -> [Evidence] {
    guard members.entry != nil else { return [] }
    return [EntryFact.key, .value].compactMap { fact in
      facts.reading(.value(.entry(fact)), of: members).value.map {
        Evidence(
          fact: FactName.entry(fact).description, value: $0, source: FactName.entry(fact).source,
          subject: subject)
      }
    }
  }

  /// The lines that the rule wants to go: the one at hand, or every one that names a key.
  private func removals(_ rule: Rule, _ members: Members) -> [Removal] {
    guard !rule.removals.isEmpty, let entries = facts.entries.value else { return [] }
    return rule.removals.flatMap { removal -> [Removal] in
      let lines: [FileEntry]
      switch removal {
      case .entry: lines = members.entry.map { [entries[$0]] } ?? []
      case .key(let key): lines = entries.filter { $0.sysctl == key }
      }
      // A kernel command line has no lines that a difference could take away.
      return lines.filter { $0.line.source.file != KernelArguments.file }.map {
        Removal(
          file: $0.line.source.file, line: $0.line.source.line, key: $0.sysctl,
          reason: rule.title, source: rule.id)
      }
    }
  }

  /// The change with its value here; nil when the present value already satisfies it, or cannot be
  /// read.
  private mutating func proposed(
    _ change: Rule.Change, _ rule: Rule, _ members: Members, _ listener: ListenerQueues?
  ) -> ProposedChange? {
    guard
      let shape = facts.tunables.shape(of: change.key),
      let bounds = facts.tunables.bounds(of: change.key),
      let numbers = facts.numbers(of: change.key, shape).value,
      case .known(let resolved) = change.resolve(
        with: &evaluator, for: members, bounds: bounds, pageSize: facts.snapshot.host.pageSize)
    else { return nil }
    let index = change.element.flatMap { shape.elements.firstIndex(of: $0) } ?? 0
    let current = numbers[index]
    guard !change.operator.isSatisfied(by: current, wanting: resolved.value) else { return nil }
    let effect = rule.effect ?? bounds.effect
    return ProposedChange(
      key: change.key, element: change.element, operator: change.operator, value: resolved.value,
      current: current, effect: effect,
      restart: effect == .nextListen ? listener.flatMap(\.service).map { [$0] } ?? [] : [],
      cutFrom: resolved.cutFrom)
  }

  /// Findings of one rule with the same change become one with their subjects listed.
  private mutating func add(_ finding: Finding) {
    let same = findings.firstIndex { other in
      other.rule == finding.rule && other.sinceBoot == finding.sinceBoot
        && other.changes.map(\.withoutRestart) == finding.changes.map(\.withoutRestart)
    }
    guard let same else {
      findings.append(finding)
      named.append(nil)
      return
    }
    var names = named[same] ?? Named(findings[same])
    named[same] = nil
    defer { named[same] = names }
    // Members of a SO_REUSEPORT group have one name.
    for subject in finding.subjects where names.subjects.insert(subject).inserted {
      findings[same].subjects.append(subject)
    }
    for item in finding.evidence where names.evidence.insert(item).inserted {
      findings[same].evidence.append(item)
    }
    for setting in finding.settings where !findings[same].settings.contains(setting) {
      findings[same].settings.append(setting)
    }
    for removal in finding.removals where names.removals.insert(removal).inserted {
      findings[same].removals.append(removal)
    }
    for (index, change) in finding.changes.enumerated() {
      for name in change.restart where !findings[same].changes[index].restart.contains(name) {
        findings[same].changes[index].restart.append(name)
      }
    }
  }
}

/// What a finding names, to be looked up.
private struct Named {
  var subjects: Set<String>
  var evidence: Set<Evidence>
  var removals: Set<Removal>

  init(_ finding: Finding) {
    subjects = Set(finding.subjects)
    evidence = Set(finding.evidence)
    removals = Set(finding.removals)
  }
}

extension Rule.Change {
  /// Whether its value asks for nothing but what stays as it is while no key changes.
  fileprivate var isSteady: Bool {
    var isSteady = true
    value.visit { expression in
      switch expression {
      case .query(let query, _): isSteady = isSteady && query.fact.isSteady
      case .present(let fact, _), .ascending(let fact, _): isSteady = isSteady && fact.isSteady
      case .aggregate: isSteady = false
      default: break
      }
    }
    return isSteady
  }
}

extension ProposedChange {
  fileprivate var withoutRestart: ProposedChange {
    var change = self
    change.restart = []
    return change
  }
}

extension ListenerQueues {
  /// The name by which an operator restarts the program: the unit, else the process.
  var service: String? { listener.unit.value ?? listener.owner.value?.name.value }
}
