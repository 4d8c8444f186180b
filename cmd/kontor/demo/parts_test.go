package demo

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"kontor/account"
	"kontor/iso20022/pain"
)

// The demo is a client: what it shows must come over HTTP, so nothing of the hub may be linked into it.
func TestNoPackageOfTheHubIsImported(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	ours := 0
	for path := range strings.FieldsSeq(string(out)) {
		if strings.HasPrefix(path, "kontor/internal") {
			t.Errorf("%s is imported", path)
		}
		if strings.HasPrefix(path, "kontor/") {
			ours++
		}
	}
	if ours < 3 {
		t.Errorf("only %d packages of this module found: the check checks nothing", ours)
	}
}

func TestChooseCastsEveryPart(t *testing.T) {
	full := bankState{
		Partners: []partner{
			{"BUREAU", []user{{"T1", "T", ""}}}, {"HOLDER", []user{{"E1", "E", ""}, {"A1", "A", ""}, {"B1", "B", ""}, {"B2", "B", ""}}},
			{"OTHER", []user{{"A1", "A", ""}, {"E1", "E", ""}}},
		},
		Accounts: []bankAccount{
			{IBAN: "1", Currency: "USD", HolderPartner: "HOLDER", BureauPartners: []string{"BUREAU"}},
			{IBAN: "2", Currency: "EUR", HolderPartner: "HOLDER"},
			{IBAN: "3", Currency: "EUR", HolderPartner: "OTHER", BureauPartners: []string{"BUREAU"}},
			{IBAN: "4", Currency: "EUR", HolderPartner: "HOLDER", BureauPartners: []string{"BUREAU"}},
		},
	}
	c, err := choose(full)
	want := cast{
		Account: full.Accounts[3], Transport: signer{"BUREAU", "T1", "T"}, A: signer{"HOLDER", "A1", "A"}, B: signer{"HOLDER", "B1", "B"},
		B2: signer{"HOLDER", "B2", "B"}, Stranger: signer{"OTHER", "E1", "E"},
	}
	if err != nil || c.Account.IBAN != want.Account.IBAN || c.Transport != want.Transport || c.A != want.A || c.B != want.B || c.B2 != want.B2 || c.Stranger != want.Stranger {
		t.Errorf("%+v, %v", c, err)
	}
	for missing := range full.Partners {
		s := full
		s.Partners = append(append([]partner{}, full.Partners[:missing]...), full.Partners[missing+1:]...)
		if _, err := choose(s); !errors.Is(err, errCast) {
			t.Errorf("without %s: %v", full.Partners[missing].PartnerID, err)
		}
	}
}

// The built-in file must be one that any bank takes: no findings, right check digits, none of them the sandbox's account that does
// not exist.
func TestSalariesAreFaultless(t *testing.T) {
	path := filepath.Join(t.TempDir(), "salaries.xml")
	if err := writeSalaries(path, "SALARY-20261125-1", bankAccount{IBAN: fakeIBAN(), Owner: "Holder GmbH"}, "2026-11-25", time.Unix(1795600000, 0)); err != nil {
		t.Fatal(err)
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close() //nolint:errcheck // only read
	names := map[string]bool{}
	message, findings, err := pain.Read(file, pain.Options{}, pain.Visitor{Payment: func(p *pain.Payment) error {
		names[p.Creditor+p.CreditorAccount+p.EndToEndID] = true
		if strings.HasSuffix(p.CreditorAccount, "00404") {
			t.Errorf("%s does not exist at the sandbox's", p.CreditorAccount)
		}
		_, err := account.ParseIBAN(p.CreditorAccount)
		return err
	}})
	if err != nil || len(findings) > 0 {
		t.Fatalf("%v, findings %v", err, findings)
	}
	if message.Count != 5 || len(names) != 5 || message.Sum.String() != "16547.50" {
		t.Errorf("%d payments, %d people, %s", message.Count, len(names), message.Sum)
	}
	read, err := readFile(t.Context(), path)
	if err != nil || !read.Readable || read.Count != 5 || read.amount() != "16547.50 EUR" || len(read.Debtors) != 1 || read.Findings != 0 {
		t.Errorf("%+v, %v", read, err)
	}
	if balance, err := read.Debtors[0].enough(); err != nil || balance != "1033095.00" {
		t.Errorf("opening balance %s, %v", balance, err)
	}
}

func TestReadFileLearnsWhatMustBeSetUp(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	batch := func(iban, name, amount string) string {
		return `<PmtInf><PmtInfId>P` + amount + `</PmtInfId><PmtMtd>TRF</PmtMtd><ReqdExctnDt><Dt>2026-11-30</Dt></ReqdExctnDt><Dbtr><Nm>` + name +
			`</Nm></Dbtr><DbtrAcct><Id><IBAN>` + iban + `</IBAN></Id></DbtrAcct><CdtTrfTxInf><Amt><InstdAmt Ccy="EUR">` + amount + `</InstdAmt></Amt></CdtTrfTxInf></PmtInf>`
	}
	document := func(inner string) string {
		return `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><CstmrCdtTrfInitn><GrpHdr><MsgId>M</MsgId></GrpHdr>` + inner + `</CstmrCdtTrfInitn></Document>`
	}
	var many strings.Builder
	for i := range maxAccounts + 1 {
		bban := "9999999900000000" + string(rune('A'+i))
		bban = strings.Map(func(r rune) rune {
			if r >= 'A' {
				return '0' + (r-'A')%10
			}
			return r
		}, bban) + string(rune('0'+i/10))
		many.WriteString(batch("DE"+account.CheckDigits("DE", bban)+bban, "N", "1"))
	}
	for _, row := range []struct {
		name     string
		text     string
		readable bool
		debtors  int
		failure  string
	}{
		{"two accounts, one of them twice", document(batch(fakeIBAN(), strings.Repeat("ä", 99), "1") + batch("AT611904300234573201", "B", "2") + batch(fakeIBAN(), "A", "3")), true, 2, ""},
		{"an account that is none", document(batch("DE00", "A", "1")), true, 0, ""},
		{"no XML", "salaries", false, 0, ""},
		{"another document", `<Invoice xmlns="urn:x"/>`, false, 0, ""},
		{"more accounts than the demo sets up", document(many.String()), false, 0, "more than 20 accounts"},
	} {
		t.Run(row.name, func(t *testing.T) {
			f, err := readFile(t.Context(), write("f.xml", row.text))
			if row.failure != "" {
				if err == nil || !strings.Contains(err.Error(), row.failure) {
					t.Errorf("error %v", err)
				}
				return
			}
			if err != nil || f.Readable != row.readable || len(f.Debtors) != row.debtors || f.Size != int64(len(row.text)) {
				t.Fatalf("%+v, %v", f, err)
			}
			for _, d := range f.Debtors {
				if len([]rune(d.Name)) > maxOwner || d.Currency != "EUR" {
					t.Errorf("%+v", d)
				}
			}
		})
	}
	if f, err := readFile(t.Context(), write("g.xml", document(batch(fakeIBAN(), "A", "1.10")+batch(fakeIBAN(), "A", "3")))); err != nil || f.Debtors[0].Total.String() != "4.10 EUR" {
		t.Errorf("%+v, %v", f, err)
	}
	if _, err := readFile(t.Context(), folder); err == nil {
		t.Error("a folder was read as a file")
	}
}

func TestOnlyThisMachineIsSpokenTo(t *testing.T) {
	for address, ok := range map[string]bool{
		"https://127.0.0.1:1/ebics": true, "https://localhost:1": true, "https://[::1]:1": true,
		"http://127.0.0.1:1": false, "https://192.0.2.1": false, "https://127.0.0.1.example.com": false, "https://bank.example": false, "": false, "%": false,
	} {
		if err := checkLoopback(address); (err == nil) != ok {
			t.Errorf("%q: %v", address, err)
		}
	}
}

func TestHash(t *testing.T) {
	lower, err := hash(strings.ToLower(fakeHash))
	if err != nil {
		t.Fatal(err)
	}
	if upper, err := hash(fakeHash); err != nil || upper != lower {
		t.Errorf("case and blanks make a difference: %v", err)
	}
	for _, text := range []string{"", "00", strings.Repeat("zz", 32), strings.Repeat("00", 33)} {
		if _, err := hash(text); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
}

// A value pasted into a shell stays one word, whatever it holds.
func TestQuoted(t *testing.T) {
	const nasty = `a b'; $(touch x) "c` + "`"
	out, err := exec.CommandContext(t.Context(), "sh", "-c", "printf %s "+quoted(nasty)).Output()
	if err != nil || string(out) != nasty {
		t.Errorf("%q, %v", out, err)
	}
}

func TestTailIsTheEnd(t *testing.T) {
	p := &process{name: "hub", logPath: filepath.Join(t.TempDir(), "log")}
	if _, err := p.tail(); err == nil {
		t.Error("a log that is not there was read")
	}
	const request = `{"time":"2026-11-25T03:07:40Z","level":"INFO","msg":"request","status":200}` + "\n"
	line := strings.Repeat("x", 1000)
	if err := os.WriteFile(p.logPath, []byte(strings.Repeat(line+"\n", 5000)+"last\n"+strings.Repeat(request, 100)), 0o600); err != nil {
		t.Fatal(err)
	}
	lines, err := p.tail()
	if err != nil || len(lines) != tailLines || lines[len(lines)-1] != "last" || lines[0] != line {
		t.Errorf("%d lines, %v", len(lines), err)
	}
}
