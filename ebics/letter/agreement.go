package letter

import (
	"fmt"
	"io"
	"strings"
	"time"

	"kontor/account"
	"kontor/ebics"
	"kontor/paper"
)

// Release is how an account holder authorises what a service bureau has submitted.
type Release int

// The ways of release. A service bureau itself never releases anything.
const (
	ReleaseOpen   Release = iota // to be ticked by hand
	ReleaseSigned                // by distributed electronic signatures over EBICS (VEU): uploads wait for them
	ReleaseNote                  // by a signed accompanying note, or in another way agreed with the bank
)

// Agreement is what an account holder and his bank agree so that a service bureau may work for one account: the bureau is a customer of the
// bank of its own, with a user that may transport orders but not authorise them. The form is filled in as far as the data are known; the
// rest is left to be written by hand. It says what the guidelines of the German banks on service bureaus ask for, and is no substitute for
// a form or terms of the bank's own.
type Agreement struct {
	Language      Language
	Bank          string
	Host          ebics.HostID
	Bureau        string           // name of the service bureau; empty = to be written by hand
	BureauAddress string           // in one line; empty = to be written by hand
	Transport     ebics.Subscriber // the bureau's own partner and user at the bank
	Holder        string           // of the account
	IBAN          account.IBAN
	Currency      string // ISO 4217
	// What the bureau may do, at least one of them: submit credit transfers, submit direct debits, collect statements and reports.
	CreditTransfers, DirectDebits, Statements bool
	Release                                   Release
	At                                        time.Time // when the form was made, printed in its own zone
}

// Text writes the form as UTF-8 text. It refuses an unknown language and an agreement on nothing.
func (a Agreement) Text(w io.Writer) error {
	words, err := a.words()
	if err != nil {
		return err
	}
	return writeText(w, words.title, a.blocks(words))
}

// PDF writes the form as PDF. It refuses what Text refuses.
func (a Agreement) PDF(w io.Writer) error {
	words, err := a.words()
	if err != nil {
		return err
	}
	iban := Grouped(a.IBAN)
	doc := paper.New(paper.About{
		Title: words.title + " " + iban, Language: string(a.Language), Date: a.At, Page: letterLanguages[a.Language].page,
		Footer: fmt.Sprintf("%s · %s · %s", a.Host, a.Transport.Partner, iban),
	})
	doc.NewPage(words.title, words.subtitle, words.title+" · "+iban)
	draw(doc, a.blocks(words))
	return doc.Write(w)
}

func (a Agreement) words() (agreementWords, error) {
	words, ok := agreementLanguages[a.Language]
	if !ok {
		return words, fmt.Errorf("agreement in language %q: want de, en, fr or sv", clip(string(a.Language)))
	}
	if !a.CreditTransfers && !a.DirectDebits && !a.Statements {
		return words, fmt.Errorf("agreement on nothing: it must permit to submit or to collect something")
	}
	return words, nil
}

func (a Agreement) blocks(w agreementWords) []block {
	all := []block{
		heading("1. " + w.accountTitle),
		rows{
			{Label: w.holder, Value: a.Holder}, {Label: w.address}, {Label: w.account, Value: Grouped(a.IBAN) + ", " + a.Currency},
			{Label: w.bank, Value: a.Bank}, {Label: w.ownPartner},
		},
		heading("2. " + w.bureauTitle),
		rows{
			{Label: w.name, Value: a.Bureau}, {Label: w.address, Value: a.BureauAddress},
			{Label: w.access, Value: fmt.Sprintf("%s %s, %s %s, %s %s", w.host, a.Host, w.partner, a.Transport.Partner, w.user, a.Transport.User)},
		},
		heading("3. " + w.scopeTitle), paragraph(w.scope),
		choice{w.creditTransfers, a.CreditTransfers}, choice{w.directDebits, a.DirectDebits}, choice{w.statements, a.Statements},
	}
	title := "4. "
	if a.CreditTransfers || a.DirectDebits {
		all = append(all, heading(title+w.releaseTitle), paragraph(w.release),
			choice{w.signed, a.Release == ReleaseSigned}, choice{w.note, a.Release == ReleaseNote})
		title = "5. "
	}
	return append(all, heading(title+w.endTitle), paragraph(w.end), keep(44),
		signatures{room: 12, labels: []string{w.place, w.holderSignature, w.secondSignature}},
		signatures{room: 12, labels: []string{w.place, w.bankSignature}},
		note(w.madeOn+" "+a.At.Format(letterLanguages[a.Language].date)+". "+w.ownForm))
}

// Grouped prints an IBAN as people read it: in groups of four characters (ISO 13616), with blanks that do not break.
func Grouped(iban account.IBAN) string {
	var out strings.Builder
	for i, r := range string(iban) {
		if i > 0 && i%4 == 0 {
			out.WriteRune('\u00a0')
		}
		out.WriteRune(r)
	}
	return out.String()
}
