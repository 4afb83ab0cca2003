import Facts
import Foundation
import Support
import Testing

@testable import Catalogue
@testable import Expressions
@testable import Pages

/// Read from the folders, everything keeps what the checks ask of it.
@Test func shippedPagesPassTheirChecks() throws {
  let set = try ShippedPages.pageSet()
  #expect(!set.rules.isEmpty)
  #expect(!set.tunables.keys.isEmpty)
}

@Test func shippedProfilesPassTheirChecks() throws {
  let tunables = try ShippedPages.pageSet().tunables
  let files = try ShippedPages.files("Profiles", "conf")
  #expect(!files.isEmpty)
  for (path, text) in files {
    let name = path.split(separator: "/").last?.dropLast(".conf".count) ?? ""
    let read = Profile.read(
      name: String(name), origin: path, bytes: Array(text.utf8), tunables: tunables,
      isShipped: true)
    #expect(read.problems == [], "\(path)")
    // What is shipped is sensible as it stands.
    for entry in read.profile?.entries ?? [] {
      let sensible = try #require(tunables[entry.key]?.sensible, "\(entry.key)")
      #expect(
        (entry.content.numbers ?? []).allSatisfy { sensible.contains($0) }, "\(path): \(entry.key)")
    }
  }
}

// MARK: What the build embeds

@Test func theEmbeddedPagesAreThoseOfTheFolder() throws {
  let files = try ShippedPages.files("Rules", "md")
  let embedded = Catalogue.embedded()
  let references = try files.filter { try PageFile(path: $0.key, text: $0.value).isToBeRead }
  #expect(
    (EmbeddedFiles.rules() + EmbeddedFiles.tunables()).map(\.path).sorted()
      == files.keys.filter { references[$0] == nil }.sorted())
  for (path, text) in files {
    let page = try PageFile(path: path, text: text)
    let body = try #require(EmbeddedFiles.body(of: page.name), "\(path)")
    #expect(body.path == path)
    #expect(body.header == page.header, "\(path)")
    #expect(body.body == page.body, "\(path)")
    if references[path] == nil {
      #expect(embedded.pages.files[page.name]?.header == page.header, "\(path)")
    } else {
      #expect(embedded.page(named: page.name)?.title == Reference(checked: page)?.title)
    }
    #expect(embedded.body(of: page.name)?.sections == Body(page).sections, "\(path)")
  }
  #expect(embedded.body(of: "no-such-page") == nil)
}

@Test func theEmbeddedProfilesAreThoseOfTheFolder() throws {
  let files = try ShippedPages.files("Profiles", "conf")
  let embedded = EmbeddedCatalogue.profiles
  #expect(
    Dictionary(embedded.map { ("Profiles/\($0.name).conf", $0.text) }) { first, _ in first }
      == files)
  #expect(Catalogue.embedded().profileNames == embedded.map(\.name).sorted())
  for (name, _) in embedded {
    let found = try #require(Catalogue.embedded().profile(name))
    #expect(found.problems == [])
    #expect(found.profile?.origin == "built in")
  }
}

/// Reading only headers gives the same rules and tunables as checking whole pages.
@Test func theEmbeddedCatalogueIsTheCheckedOne() throws {
  let checked = try ShippedPages.pageSet()
  let embedded = Catalogue.embedded().pages
  #expect(embedded.rules.map(\.id) == checked.rules.map(\.id))
  #expect(
    embedded.rules.map(\.when.description) == checked.rules.map(\.when.description))
  #expect(embedded.tunables.keys == checked.tunables.keys)
  let names = Set(checked.files.keys).subtracting(checked.references.map(\.name))
  #expect(Set(embedded.files.keys) == names)
  #expect(EmbeddedFiles.referenceNames == Set(checked.references.map(\.name)))
}

// MARK: Bent variants of the examples

/// An example of a shipped rule.
struct ShippedExample: Sendable, CustomTestStringConvertible {
  var rule: Rule
  var example: Example
  var testDescription: String { "\(rule.file):\(example.line)" }

  static func all() throws -> [ShippedExample] {
    let set = try ShippedPages.pageSet()
    return try set.rules.flatMap { rule in
      let checker = PageSet.typeChecker(for: rule.subject, set.tunables)
      let body = try #require(set.body(of: rule.id))
      let read = Example.read(body, file: rule.file) { checker.check($0) }
      #expect(read.problems == [])
      #expect(!read.examples.isEmpty)
      return read.examples.map { ShippedExample(rule: rule, example: $0) }
    }
  }

  func truth(_ readings: [String: Reading<Value>]) -> Truth {
    var evaluator = Evaluator(ExampleFacts(readings: readings))
    return evaluator.truth(of: rule.when)
  }
}

/// Without one of its facts an example comes out as before or stays open, never the other way; and
/// a fact that is missing for another reason is no better.
@Test func droppingAFactNeverTurnsAnOutcome() throws {
  for shipped in try ShippedExample.all() {
    let outcome = shipped.truth(shipped.example.readings)
    for name in shipped.example.readings.keys {
      var bent = shipped.example.readings
      bent[name] = nil
      #expect([outcome, .unknown].contains(shipped.truth(bent)), "\(shipped), without \(name)")
      for kind in Absence.Kind.allCases {
        // `present` is a question that absence answers.
        if kind == .absent, shipped.rule.when.description.contains("present(\(name))") { continue }
        bent[name] = .missing(Absence(kind, "bent"))
        #expect(
          [outcome, .unknown].contains(shipped.truth(bent)),
          "\(shipped), \(name) \(kind.rawValue)")
      }
    }
  }
}

/// An outcome rests on something: without any fact every rule stays open.
@Test func withoutFactsNothingIsDecided() throws {
  for shipped in try ShippedExample.all() {
    #expect(shipped.truth([:]) == .unknown, "\(shipped)")
  }
}

/// A fact that the rule does not ask for changes nothing.
@Test func addingAnUnrelatedFactChangesNothing() throws {
  let shipped = try ShippedExample.all()
  let everything = shipped.reduce(into: [String: Reading<Value>]()) { all, one in
    all.merge(one.example.readings) { first, _ in first }
  }
  for one in shipped {
    let outcome = one.truth(one.example.readings)
    for (name, reading) in everything
    where one.example.readings[name] == nil && !one.rule.when.asked.contains(name)
      && !one.rule.when.asked.contains(where: { $0.hasPrefix("\(name).") })
    {
      var bent = one.example.readings
      bent[name] = reading
      #expect(one.truth(bent) == outcome, "\(one), with \(name)")
    }
  }
}

/// What is told of a header that was checked without reading the rest of it is what it says.
@Test func shapesOfShippedPages() throws {
  let catalogue = Catalogue.embedded()
  let keys = catalogue.pages.tunables.keys
  #expect(keys.count > 20)
  for key in keys {
    let shape = try #require(catalogue.pages.tunables.shape(of: key))
    let tunable = try #require(catalogue.tunable(key))
    #expect(shape == tunable.shape, "\(key)")
  }
}

/// What an audit reads of a rule at its start is what the rule's page says.
@Test func codesOfShippedRules() throws {
  let pages = try ShippedPages.pageFiles()
  for rule in Catalogue.embedded().pages.rules {
    let page = try #require(pages.first { $0.name == rule.id })
    let read = try #require(Rule.read(page).rule)
    #expect(rule.id == read.id && rule.subject == read.subject && rule.unless == read.unless)
    #expect(rule.when.description == read.when.description, "\(rule.id)")
    #expect(rule.title == read.title && rule.severity == read.severity)
    for release in ["3.10", "4.4.302", "5.10.218", "6.1.170", "6.18", "7.3.4"] {
      let release = try #require(KernelRelease(release))
      #expect(rule.kernel.contains(release) == read.kernel.contains(release), "\(rule.id)")
    }
  }
}
