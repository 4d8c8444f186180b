package finding

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Texts is one text in the languages of the product.
type Texts struct {
	EN, DE, SV string
}

// In returns the text in "en", "de" or "sv", English for any other language and where
// the translation is missing.
func (t Texts) In(language string) string {
	switch {
	case language == "de" && t.DE != "":
		return t.DE
	case language == "sv" && t.SV != "":
		return t.SV
	}
	return t.EN
}

// Case is one sentence that a rule may say. The places {0}, {1}, ... stand for Args.
type Case struct {
	ID   string // within the rule, for ever: "missing", "check-digits"
	Text Texts
}

// Rule describes one code: what must hold (Meaning), which clause of which
// specification says so (Source), a piece of a document that breaks it (Example), what
// a person does about it (Advice), and the sentences that its findings say (Cases).
// Severity holds where no Policy says otherwise.
type Rule struct {
	Code     Code     `json:"code"`
	Severity Severity `json:"severity"`
	Meaning  string   `json:"meaning"`
	Source   string   `json:"source"`
	Example  string   `json:"example"`
	Advice   Texts    `json:"-"`
	Cases    []Case   `json:"-"`
}

// New returns a finding of the rule without a place, with the sentence of the case in
// English. A case that the rule has not, or too few arguments, show in the sentence:
// tests of the rule's package look for that.
func (r *Rule) New(id string, args ...string) Finding {
	f := Finding{Code: r.Code, Severity: r.Severity, Case: id, Args: args}
	f.Message = r.Sentence(f, "en")
	return f
}

// Sentence says a finding of the rule in "en", "de" or "sv". A finding without a case
// keeps its Message.
func (r *Rule) Sentence(f Finding, language string) string {
	i := slices.IndexFunc(r.Cases, func(c Case) bool { return c.ID == f.Case })
	if i < 0 {
		if f.Message != "" {
			return f.Message
		}
		return fmt.Sprintf("{%s %s}", r.Code, f.Case)
	}
	return fill(r.Cases[i].Text.In(language), f.Args)
}

// fill puts arguments into the places {0}, {1}, ...; what stands for no argument stays.
func fill(text string, args []string) string {
	var b strings.Builder
	for {
		open := strings.IndexByte(text, '{')
		if open < 0 {
			break
		}
		length := strings.IndexByte(text[open:], '}')
		if length < 0 {
			break
		}
		end := open + length + 1
		b.WriteString(text[:open])
		if n, err := strconv.Atoi(text[open+1 : end-1]); err == nil && n >= 0 && n < len(args) {
			b.WriteString(args[n])
		} else {
			b.WriteString(text[open:end])
		}
		text = text[end:]
	}
	b.WriteString(text)
	return b.String()
}

// Catalogue is a set of rules, each code once.
type Catalogue struct {
	rules []Rule // by code
}

// NewCatalogue collects rules. A code that two rules claim is an error.
func NewCatalogue(rules ...Rule) (Catalogue, error) {
	sorted := slices.Clone(rules)
	slices.SortStableFunc(sorted, func(a, b Rule) int { return strings.Compare(string(a.Code), string(b.Code)) })
	for i := range sorted {
		if i > 0 && sorted[i-1].Code == sorted[i].Code {
			return Catalogue{}, fmt.Errorf("rule %s is claimed twice", sorted[i].Code)
		}
	}
	return Catalogue{sorted}, nil
}

// Rules returns all rules, sorted by code. The caller owns the slice.
func (c Catalogue) Rules() []Rule { return slices.Clone(c.rules) }

// Lookup finds a rule by its code; nil if there is none.
func (c Catalogue) Lookup(code Code) *Rule {
	i, ok := slices.BinarySearchFunc(c.rules, code, func(r Rule, code Code) int { return strings.Compare(string(r.Code), string(code)) })
	if !ok {
		return nil
	}
	return &c.rules[i]
}

// Policy changes the severity of rules: for a profile, a tenant, an account. What it
// does not name keeps the severity of the rule.
type Policy map[Code]Severity

// Of returns the severity of a rule under the policies, of which a later one wins.
func (r *Rule) Of(policies ...Policy) Severity {
	for _, p := range slices.Backward(policies) {
		if s, ok := p[r.Code]; ok {
			return s
		}
	}
	return r.Severity
}
