package swiftmt

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// shared returns a folder of the shared test data; without it the test is skipped, on
// CI it fails.
func shared(t testing.TB, path string) string {
	t.Helper()
	root := os.Getenv("KONTOR_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "shared")
	}
	full := filepath.Join(root, filepath.FromSlash(path))
	if _, err := os.Stat(full); err != nil {
		const how = "shared test data is missing: set KONTOR_SHARED to the folder that holds data/"
		if os.Getenv("CI") == "true" {
			t.Fatal(how)
		}
		t.Skip(how)
	}
	return full
}

// witness is what another parser found in a file.
type witness struct {
	Account      *string          `json:"account_identification"`
	Reference    *string          `json:"transaction_reference"`
	Related      *string          `json:"related_reference"`
	Number       *string          `json:"statement_number"`
	Page         *string          `json:"sequence_number"`
	Opening      *witnessBalance  `json:"final_opening_balance"`
	Closing      *witnessBalance  `json:"final_closing_balance"`
	Available    *witnessBalance  `json:"available_balance"`
	Forward      *witnessBalance  `json:"forward_available_balance"`
	SumDebit     *witnessTotal    `json:"sum_debit_entries"`
	SumCredit    *witnessTotal    `json:"sum_credit_entries"`
	DebitFloor   *witnessAmount   `json:"d_floor_limit"`
	CreditFloor  *witnessAmount   `json:"c_floor_limit"`
	Transactions []map[string]any `json:"transactions"`
}

type witnessAmount struct{ Amount, Currency string }

type witnessBalance struct {
	Amount witnessAmount
	Date   string
	Status string
}

type witnessTotal struct{ Amount, Currency, Number string }

// parsed is our reading of a document, in order.
type parsed struct {
	statements []Statement
	entries    []*Entry
	findings   []string
}

func readAll(t testing.TB, document []byte, o Options) (p parsed, err error) {
	t.Helper()
	err = Read(bytes.NewReader(document), o, collectInto(&p))
	return p, err
}

// TestReadAgreesWithAnotherParser compares every field that both know, over foreign
// files. The other parser is a witness, not the law: where it is wrong, judged says why.
func TestReadAgreesWithAnotherParser(t *testing.T) {
	folder := shared(t, "data/corpus/mt940-wolph")
	files, err := filepath.Glob(filepath.Join(folder, "files", "*.sta"))
	if err != nil || len(files) < 50 {
		t.Fatalf("%d files, %v", len(files), err)
	}
	used := map[string]bool{}
	compared, entries := 0, 0
	for _, file := range files {
		name := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(file), "mt940_tests__"), ".sta")
		t.Run(name, func(t *testing.T) {
			c := comparison{t: t, file: name, used: used}
			c.run(file, filepath.Join(folder, "expected", filepath.Base(file)+".json"))
			compared += c.fields
			entries += c.entries
		})
	}
	for key := range judged {
		if !used[key] {
			t.Errorf("the difference %q is listed but does not occur", key)
		}
	}
	t.Logf("%d files, %d entries, %d fields compared, %d kinds of differences judged", len(files), entries, compared, len(judged))
}

type comparison struct {
	t               *testing.T
	file            string
	used            map[string]bool
	fields, entries int
}

func (c *comparison) run(file, expected string) {
	document, err := os.ReadFile(file)
	if err != nil {
		c.t.Fatal(err)
	}
	text, err := os.ReadFile(expected)
	if err != nil {
		c.t.Fatal(err)
	}
	var want witness
	if err := json.Unmarshal(text, &want); err != nil {
		c.t.Fatal(err)
	}
	p, err := readAll(c.t, document, Options{})
	if err != nil {
		c.equal("unreadable", "", err.Error())
		return
	}
	c.header(&want, &p)
	c.equal("entries", fmt.Sprint(len(want.Transactions)), fmt.Sprint(len(p.entries)))
	for i, w := range want.Transactions {
		if i < len(p.entries) {
			c.entry(w, p.entries[i])
			c.entries++
		}
	}
}

// equal compares one field; a difference must be among the judged ones.
func (c *comparison) equal(field, want, got string) {
	c.t.Helper()
	c.fields++
	if want == got {
		return
	}
	key := c.file + " " + field
	if j, ok := judged[key]; ok && j.why != "" && j.fits(want, got) {
		c.used[key] = true
		return
	}
	c.t.Errorf("%s %s: the witness has %q, we have %q", c.file, field, want, got)
}

func (c *comparison) optional(field string, want *string, got string) {
	c.t.Helper()
	if want != nil {
		c.equal(field, *want, got)
	}
}

// header compares what the witness keeps of statements: the last of each field.
func (c *comparison) header(want *witness, p *parsed) {
	c.t.Helper()
	last := p.statements[len(p.statements)-1]
	c.optional("account", want.Account, last.Account)
	c.optional("reference", want.Reference, last.Reference)
	c.optional("related", want.Related, lastOf(p.statements, func(s Statement) string { return s.RelatedReference }))
	c.optional("number", want.Number, last.Number)
	c.optional("page", want.Page, last.Page)
	c.balance("opening", want.Opening, lastOf(p.statements, func(s Statement) Balance { return final(s.Opening) }))
	c.balance("closing", want.Closing, lastOf(p.statements, func(s Statement) Balance { return final(s.Closing) }))
	c.balance("available", want.Available, lastOf(p.statements, func(s Statement) Balance { return tail(s.Available) }))
	c.balance("forward", want.Forward, lastOf(p.statements, func(s Statement) Balance { return tail(s.Forward) }))
	if want.SumDebit != nil {
		c.equal("90D", want.SumDebit.Number+" "+plain(want.SumDebit.Amount)+" "+want.SumDebit.Currency, fmt.Sprint(last.DeclaredDebits.Count, " ", plain(last.DeclaredDebits.Sum.Decimal()), " ", last.DeclaredDebits.Sum.Currency))
	}
	if want.SumCredit != nil {
		c.equal("90C", want.SumCredit.Number+" "+plain(want.SumCredit.Amount)+" "+want.SumCredit.Currency, fmt.Sprint(last.DeclaredCredits.Count, " ", plain(last.DeclaredCredits.Sum.Decimal()), " ", last.DeclaredCredits.Sum.Currency))
	}
	if want.DebitFloor != nil {
		c.equal("34F", plain(want.DebitFloor.Amount)+want.DebitFloor.Currency, plain(last.DebitFloor.Amount.Decimal())+string(last.DebitFloor.Amount.Currency))
	}
}

func lastOf[T comparable](list []Statement, of func(Statement) T) (v T) {
	var zero T
	for _, s := range list {
		if x := of(s); x != zero {
			v = x
		}
	}
	return v
}

func final(b Balance) Balance {
	if b.Intermediate {
		return Balance{}
	}
	return b
}

func tail(b []Balance) Balance {
	if len(b) == 0 {
		return Balance{}
	}
	return b[len(b)-1]
}

func (c *comparison) balance(field string, want *witnessBalance, got Balance) {
	c.t.Helper()
	if want == nil {
		return
	}
	text := "C"
	if got.Debit {
		text = "D"
	}
	c.equal(field, fmt.Sprint(want.Status, " ", want.Date, " ", plain(want.Amount.Amount), " ", want.Amount.Currency), fmt.Sprint(text, " ", got.Date, " ", plain(got.AmountText), " ", got.Currency))
}

// plain makes one form of an unsigned number.
func plain(text string) string {
	text = strings.TrimLeft(strings.TrimPrefix(strings.ReplaceAll(text, ",", "."), "-"), "0")
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	if text == "" || text[0] == '.' {
		text = "0" + text
	}
	return text
}

func (c *comparison) entry(w map[string]any, e *Entry) {
	c.t.Helper()
	i := &e.Information
	amount, _ := w["amount"].(map[string]any)
	number, _ := amount["amount"].(string)
	c.equal("amount", plain(number), plain(string(e.AmountText)))
	sign := map[bool]string{true: "-", false: ""}[e.Mark != "" && !e.Mark.Credits() && plain(number) != "0"]
	c.equal("sign", map[bool]string{true: "-", false: ""}[strings.HasPrefix(number, "-")], sign)
	ours := map[string]string{
		"date": e.ValueDate.String(), "status": string(e.Mark), "id": string(e.Type), "funds_code": strings.Trim(string(rune(e.FundsCode)), "\x00"),
		"customer_reference": string(e.CustomerReference), "bank_reference": string(e.BankReference), "extra_details": string(e.Supplementary),
		"posting_text": string(i.BookingText), "prima_nota": string(i.Primanota), "applicant_bin": string(i.BankCode), "applicant_iban": string(i.Account),
		"applicant_name": string(i.Name), "return_debit_notes": string(i.Extension), "end_to_end_reference": string(i.EndToEndID),
		"additional_position_reference": string(i.MandateID), "applicant_creditor_id": string(i.CreditorID), "transaction_code": string(i.Code),
		"purpose": string(i.Remittance), "entry_date": e.EntryDate.String(), "non_swift": string(e.NonSWIFT), "transaction_details": string(i.Text),
	}
	if i.Dialect == Structured {
		delete(ours, "transaction_details")
	}
	if string(e.CustomerReference) == "KREF+" && len(i.CustomerReference) > 0 { // the witness puts both together
		ours["customer_reference"] = "KREF+\n" + string(i.CustomerReference)
	}
	for _, field := range slices.Sorted(maps.Keys(ours)) {
		want, ok := w[field].(string)
		if !ok || want == "" && ours[field] == "" {
			continue
		}
		c.equal(field, lineEnds(field, want), lineEnds(field, ours[field]))
	}
}

// lineEnds makes texts comparable: the witness drops blanks at the end of lines, and
// joins the lines of a remittance without anything between.
func lineEnds(field, text string) string {
	lines := strings.Split(text, "\n")
	for i := range lines {
		lines[i] = strings.TrimSpace(lines[i])
	}
	if field == "purpose" {
		return strings.ReplaceAll(strings.Join(lines, ""), " ", "")
	}
	return strings.TrimSpace(strings.Join(lines, "\n"))
}

// judgement is why ours is kept where the witness differs, and which differences of the
// field that explains.
type judgement struct {
	why  string
	fits func(want, got string) bool
}

// longer: we have what the witness has, and more; shorter the other way round.
func longer(want, got string) bool    { return strings.HasPrefix(got, want) }
func shorter(want, got string) bool   { return strings.HasPrefix(want, got) && got != "" }
func anything(string, string) bool    { return true }
func nothing(_, got string) bool      { return got == "" }
func debitOfRC(want, got string) bool { return want == "" && got == "-" }

const (
	endsAtShort = "an identifier ends with the first subfield that is not full; what follows without keyword is remittance"
	resumes     = "DK: subfields 60 to 63 continue 20 to 29; the witness keeps them apart"
)

// judged are the differences to the witness, by file and field.
var judged = map[string]judgement{
	"betterplace__amount_formats opening":                    {"several opening balances in one message: the first counts, the others are a finding", anything},
	"betterplace__sepa_mt9401 end_to_end_reference":          {endsAtShort, shorter},
	"betterplace__sepa_snippet end_to_end_reference":         {endsAtShort, shorter},
	"betterplace__sepa_mt9401 customer_reference":            {endsAtShort, shorter},
	"betterplace__sepa_snippet customer_reference":           {endsAtShort, shorter},
	"self-provided__wrapped_timestamp applicant_creditor_id": {endsAtShort, shorter},
	"betterplace__sepa_mt9401 sign":                          {"RC takes a credit back: the account is debited; the witness leaves the sign out", debitOfRC},
	"betterplace__sepa_mt9401 purpose":                       {resumes, longer},
	"self-provided__malformed_details purpose":               {resumes, longer},
	"self-provided__overly_long_details purpose":             {resumes, longer},
	"self-provided__multiline purpose":                       {resumes, longer},
	"self-provided__transaction_details_wrapped purpose":     {resumes, longer},
	"self-provided__gv_codes purpose":                        {"text before the first keyword is remittance too; the witness drops it", func(want, got string) bool { return strings.HasSuffix(got, want) }},
	"betterplace__sepa_snippet_broken account":               {"a second :25: where :86: belongs is a finding and does not replace the account", anything},
	"jejik__ing transaction_details":                         {":86: after the closing balance belongs to the statement, and -XXX ends the message", shorter},
	"jejik__postfinance reference":                           {"two pages are one statement: the first page's reference counts", anything},
	"jejik__postfinance page":                                {"two pages are one statement, which begins with page 1", anything},
	"self-provided__invalid_statement unreadable":            {"ten lines of digits are no statement: an error instead of an empty result", anything},
	"self-provided__long_statement_number number":            {"ten digits in :28: are no number and page: kept as written, with a finding", anything},
	"self-provided__long_statement_number page":              {"likewise", nothing},
	"self-provided__multiline account":                       {"the account is kept as written; the witness cuts after 35 characters", longer},
	"self-provided__raphaelm closing":                        {"the currency is missing; the witness takes three digits of the amount for it", anything},
	"self-provided__raphaelm non_swift":                      {":NS: before the opening balance belongs to the statement, not to the entry of the message before", nothing},
}
