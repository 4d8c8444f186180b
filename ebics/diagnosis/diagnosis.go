// Package diagnosis says in plain words what a bank's codes mean: return codes of
// EBICS, events of the customer protocol (HAC), statuses and reasons of pain.002. For
// each it tells likely causes, what to do next, whether anything is tried again, and
// a text for the bank, in English, German and Swedish.
//
// The texts are data in the YAML files beside the code. They explain; what a code
// means for the state of an order is decided by ebics.ReturnCode.Outcome, kontor's
// flows and the bank's profile.
package diagnosis

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"kontor/ebics"
	"kontor/ebics/hac"
	"kontor/finding"
)

// Kind is where a code comes from.
type Kind string

// The kinds.
const (
	ReturnCode Kind = "return code"   // of an EBICS answer
	Action     Kind = "HAC action"    // what happened to an order
	Reason     Kind = "HAC reason"    // why, in HAC
	Status     Kind = "status"        // of pain.002
	Refusal    Kind = "status reason" // why, in pain.002
)

// Retry says whether what was refused or broke off is tried again.
type Retry string

// The classes. Everything but Later, Resume and Once waits for somebody.
const (
	None   Retry = "none"   // nothing is left to try
	Later  Retry = "later"  // by itself, after a while; of uploads only before their last segment
	Resume Retry = "resume" // by itself, the same transaction goes on
	Once   Retry = "once"   // by itself, one time, with a new nonce
	Person Retry = "person" // after a person has decided
	Fixed  Retry = "fixed"  // after the cause is removed; the same again would be refused again
	Ask    Retry = "ask"    // what happened is not certain: find out first, never send again before
)

// Diagnosis explains one code.
type Diagnosis struct {
	Kind    Kind
	Code    string
	Symbol  string // of return codes, such as EBICS_OK
	Meaning finding.Texts
	Causes  []finding.Texts // likely ones, the likeliest first; none where nothing is wrong or the meaning says all
	Next    finding.Texts   // what to do
	Bank    finding.Texts   // what to say or ask at the bank; see ForBank
	Retry   Retry
	Known   bool // false: the code is in no list of ours, and the texts say so
}

// Facts are what the bank needs to find the case. What is not known stays empty. They
// hold no secret and nothing about payments.
type Facts struct {
	Host    ebics.HostID
	Partner ebics.PartnerID
	User    ebics.UserID
	Order   string // order type or BTF
	OrderID ebics.OrderID
	Time    time.Time // of the answer; shown in UTC
	Text    string    // the bank's own text
}

// words of the first lines of a message to the bank, by language.
var words = map[string]struct{ host, partner, user, order, id, time, text, answer string }{
	"en": {"Host", "Partner", "User", "Order", "Order id", "Time", "Text of the bank", "Code"},
	"de": {"Host", "Kunde", "Teilnehmer", "Auftrag", "Auftragsnummer", "Zeit", "Text der Bank", "Code"},
	"sv": {"Host", "Kund", "Användare", "Order", "Ordernummer", "Tid", "Bankens text", "Kod"},
}

// maxText is how much of the bank's own text, and of any other fact, a message
// repeats.
const maxText = 500

// ForBank writes a message to the bank in "en", "de" or "sv" (else English): the code
// and the facts, a line each, then what is asked.
func (d Diagnosis) ForBank(language string, f Facts) string {
	w, ok := words[language]
	if !ok {
		w, language = words["en"], "en"
	}
	var b strings.Builder
	line := func(name, value string) {
		value = strings.Join(strings.Fields(value), " ")
		if r := []rune(value); len(r) > maxText {
			value = string(r[:maxText]) + "…"
		}
		if value != "" {
			b.WriteString(name + ": " + value + "\n")
		}
	}
	line(w.answer, strings.TrimSpace(d.Code+" "+d.Symbol))
	line(w.host, string(f.Host))
	line(w.partner, string(f.Partner))
	line(w.user, string(f.User))
	line(w.order, f.Order)
	line(w.id, string(f.OrderID))
	if !f.Time.IsZero() {
		line(w.time, f.Time.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
	line(w.text, f.Text)
	b.WriteString("\n" + d.Bank.In(language) + "\n")
	return b.String()
}

// OfReturnCode explains a return code of EBICS.
func OfReturnCode(c ebics.ReturnCode) Diagnosis { return load().find(ReturnCode, string(c)) }

// OfAnswer explains the two return codes of an answer: of the first, technical or
// business, that is not plain success, for a bank's refusal stands in either.
func OfAnswer(technical, business ebics.ReturnCode) Diagnosis {
	if technical.Outcome() != ebics.Done || business == "" || business == ebics.OK {
		return OfReturnCode(technical)
	}
	return OfReturnCode(business)
}

// OfEvent explains an event of HAC: by its reason, if it has a known one, else by its
// action.
func OfEvent(a hac.Action, reason string) Diagnosis {
	if d := load().find(Reason, reason); d.Known || !load().find(Action, string(a)).Known {
		return d
	}
	return load().find(Action, string(a))
}

// OfAction explains an action of HAC.
func OfAction(a hac.Action) Diagnosis { return load().find(Action, string(a)) }

// OfReason explains a reason of HAC.
func OfReason(code string) Diagnosis { return load().find(Reason, code) }

// OfStatus explains a status of pain.002, such as ACSC.
func OfStatus(code string) Diagnosis { return load().find(Status, code) }

// OfRefusal explains a reason of pain.002, such as AC01.
func OfRefusal(code string) Diagnosis { return load().find(Refusal, code) }

// All lists what is known of a kind: return codes ascending, others as their file has
// them.
func All(k Kind) []Diagnosis {
	all := slices.Clone(load().kinds[k])
	if k == ReturnCode {
		slices.SortFunc(all, func(a, b Diagnosis) int { return cmp.Compare(a.Code, b.Code) })
	}
	return all
}
