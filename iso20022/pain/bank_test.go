package pain

import (
	"bytes"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"

	"kontor/account/directory"
	"kontor/finding"
)

// Directories of invented banks: one of bank codes, one that also tells how they are
// reached. Those of base are in them.
var (
	bankList = directoryOf(directory.Source{Name: "codes", Banks: []directory.Bank{
		{Country: "DE", Code: "50050000", BIC: "PBNKDEFFXXX"}, {Country: "DE", Code: "20050000", BIC: "BANKDEFFXXX"},
		{Country: "DE", Code: "99900300", BIC: "RBNKDEFFXXX", Until: day(2026, 12, 7)}, {Country: "DE", Code: "99900400"},
		{Country: "CH", Code: "00700", BIC: "SBNKCHZZXXX"},
	}})
	reachList = directoryOf(directory.Source{Name: "reach", Participants: []directory.Participant{
		{BIC: "PBNKDEFFXXX", Reach: directory.CreditTransfer | directory.DirectDebitCore},
		{BIC: "QBNKDEFFXXX", Reach: directory.InstantCreditTransfer | directory.DirectDebitB2B},
	}}, directory.Source{Name: "codes", Banks: []directory.Bank{{Country: "DE", Code: "50050000", BIC: "PBNKDEFFXXX"}}})
)

func directoryOf(sources ...directory.Source) *directory.Table {
	t, err := directory.New("test", day(2026, 11, 2), sources...)
	if err != nil {
		panic(err)
	}
	return t
}

// knowing judges with a bank directory.
func (s sample) knowing(t *directory.Table) sample { s.o.Directory = t; return s }

var listed = finding.Policy{CodeBankCode: finding.Warning}

// bankSamples are of the rules that ask a bank directory.
var bankSamples = []sample{
	row("BIC of another bank", CodeAffiliation, base, []string{"PBNKDEFF370", "QBNKDEFF370"}, pay("1", "1")+"/CdtrAgt/FinInstnId/BICFI").knowing(bankList),
	row("own BIC of another bank", CodeAffiliation, base, []string{"BANKDEFFXXX", "QBNKDEFFXXX"}, initiation+"PmtInf[1]/DbtrAgt/FinInstnId/BICFI").knowing(bankList),
	row("BIC of another bank in a debit", CodeAffiliation, debitBase, []string{"PBNKDEFF370", "QBNKDEFF370"}, collect("1", "1")+"/DbtrAgt/FinInstnId/BICFI").knowing(bankList),
	row("BIC of another bank without a directory", CodeAffiliation, base, []string{"PBNKDEFF370", "QBNKDEFF370"}, ""),
	row("branch of the bank", CodeAffiliation, base, nil, "").knowing(bankList),
	row("bank without a BIC", CodeAffiliation, base, []string{"DE21500500009876543210", iban("DE", "999004000000000000")}, "").knowing(bankList),
	row("BIC left out", CodeAffiliation, base, []string{"<CdtrAgt><FinInstnId><BICFI>PBNKDEFF370</BICFI></FinInstnId></CdtrAgt>", ""}, "").knowing(bankList),

	row("debit from a Swiss bank that is known", CodeBICRequired, debitBase, []string{norway, swissAccount, maxDebtor, maxDebtor + "<PstlAdr><TwnNm>Bern</TwnNm><Ctry>CH</Ctry></PstlAdr>"}, collect("1", "2")+"/DbtrAgt").knowing(bankList),
	row("transfer to a Swiss bank that is known", CodeBICRequired, base, []string{norway, swissAccount}, "").knowing(bankList),
	row("transfer to a Swiss bank that is not known", CodeBICRequired, base, []string{norway, otherAccount}, pay("1", "2")+"/CdtrAgt").knowing(bankList),

	row("no such bank", CodeBankCode, base, []string{"DE21500500009876543210", iban("DE", "999999990000000000")}, pay("1", "1")+"/CdtrAcct/Id/IBAN").knowing(bankList).under(listed),
	row("bank that is no more", CodeBankCode, base, []string{"DE21500500009876543210", iban("DE", "999003000000000000"), "PBNKDEFF370", "RBNKDEFFXXX", "2026-11-02T", "2026-12-07T", "2026-11-05", "2026-12-08", "2026-11-06", "2026-12-08"}, pay("1", "1")+"/CdtrAcct/Id/IBAN").knowing(bankList).under(listed).on(2026, 12, 7),
	row("bank on its last day", CodeBankCode, base, []string{"DE21500500009876543210", iban("DE", "999003000000000000"), "PBNKDEFF370", "RBNKDEFFXXX", "2026-11-02T", "2026-12-04T", "2026-11-05", "2026-12-08", "2026-11-06", "2026-12-08"}, "").knowing(bankList).under(listed).on(2026, 12, 4),
	row("country without a list", CodeBankCode, base, nil, "").knowing(bankList).under(listed),
	row("no such bank, not asked", CodeBankCode, base, []string{"DE21500500009876543210", iban("DE", "999999990000000000")}, "").knowing(bankList),

	row("instant to a bank without", CodeUnreachable, base, nil, pay("1", "1")+"/CdtrAcct/Id/IBAN").knowing(reachList),
	row("transfer to a bank that takes it", CodeUnreachable, base, []string{"<LclInstrm><Cd>INST</Cd></LclInstrm>", ""}, "").knowing(reachList),
	row("transfer to a bank without, by its BIC", CodeUnreachable, base, []string{"<LclInstrm><Cd>INST</Cd></LclInstrm>", "", "DE21500500009876543210", iban("DE", "999999990000000000"), "PBNKDEFF370", "QBNKDEFF370"}, pay("1", "1")+"/CdtrAgt/FinInstnId/BICFI").knowing(reachList),
	row("B2B from a bank without", CodeUnreachable, debitBase, []string{"<Cd>CORE</Cd>", "<Cd>B2B</Cd>", "<LclInstrm><Cd>CORE", "<LclInstrm><Cd>B2B"}, collect("1", "1")+"/DbtrAcct/Id/IBAN").knowing(reachList),
	row("core from a bank that takes it", CodeUnreachable, debitBase, []string{norway, iban("DE", "999999990000000000"), norway, iban("DE", "999999990000000000")}, "").knowing(reachList),
	row("instant to a bank without, outside SEPA", CodeUnreachable, base, nil, "").knowing(reachList).as(ProfileISO),
}

// A directory costs nothing per payment, and workers say with it what one says.
func TestADirectoryAllocatesNothingAndWorkersAgree(t *testing.T) {
	all := directoryOf(append(bankList.Sources(), reachList.Sources()...)...)
	for _, kind := range kinds {
		t.Run(kind.kind.String(), func(t *testing.T) {
			read := func(document []byte, workers int) []finding.Finding {
				_, findings, err := Read(bytes.NewReader(document), Options{Directory: all, Policies: []finding.Policy{listed}, Workers: workers}, Visitor{})
				if err != nil {
					t.Fatal(err)
				}
				return findings
			}
			count := func(document []byte) float64 {
				return testing.AllocsPerRun(3, func() {
					if findings := read(document, 1); len(findings) != 0 {
						t.Fatal(findings)
					}
				})
			}
			many := kind.large(t, 9_000)
			if a, b := count(kind.large(t, 1_000)), count(many); b-a > 3*tableCount+12 {
				t.Errorf("%.0f allocations for 1000 payments, %.0f for 9000", a, b)
			}
			n := 0
			wrong := regexp.MustCompile("PBNKDEFF370").ReplaceAllFunc(many, func(bic []byte) []byte {
				if n++; n%300 == 0 {
					return []byte("QBNKDEFF370")
				}
				return bic
			})
			one := read(wrong, 1)
			if diff := cmp.Diff(one, read(wrong, 3)); len(one) != 30 || diff != "" {
				t.Errorf("%d findings; three workers: %.2000s", len(one), diff)
			}
		})
	}
}
