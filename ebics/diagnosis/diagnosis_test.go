package diagnosis

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"kontor/ebics"
	"kontor/ebics/hac"
	"kontor/finding"
)

func TestEveryReturnCodeIsExplained(t *testing.T) {
	codes := ebics.ReturnCodes()
	if len(codes) < 60 || len(All(ReturnCode)) != len(codes) {
		t.Errorf("%d diagnoses for %d codes", len(All(ReturnCode)), len(codes))
	}
	for i, c := range codes {
		d := OfReturnCode(c)
		if !d.Known || d.Symbol != c.Symbol() || d.Symbol == "" {
			t.Errorf("%s is not explained", c)
		}
		if string(c) != All(ReturnCode)[i].Code {
			t.Errorf("%s is not the %d. of the list", c, i+1)
		}
		if o := c.Outcome(); o != ebics.Done && o != ebics.Nothing && len(d.Causes) == 0 {
			t.Errorf("%s: no likely cause", c)
		}
	}
}

// What people read about trying again must be what the program does.
func TestRetryAgreesWithOutcome(t *testing.T) {
	allowed := map[ebics.Outcome][]Retry{
		ebics.Unknown: {Ask}, ebics.Done: {None}, ebics.Nothing: {None}, ebics.Resume: {Resume}, ebics.Retry: {Later},
		ebics.Replayed: {Once}, ebics.BankKeyChanged: {Person}, ebics.Refused: {Fixed, Ask}, ebics.Broken: {Fixed, Ask},
	}
	for _, c := range ebics.ReturnCodes() {
		if d := OfReturnCode(c); !slices.Contains(allowed[c.Outcome()], d.Retry) {
			t.Errorf("%s: outcome %s, but retry %s", c, c.Outcome(), d.Retry)
		}
	}
}

func TestEveryActionAndReasonOfHACIsExplained(t *testing.T) {
	for _, a := range hac.Actions() {
		if !OfAction(a).Known {
			t.Errorf("%s is not explained", a)
		}
	}
	// The package hac keeps its reasons to itself: ask it for every code of that form.
	const first, rest = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	known := 0
	for _, a := range first {
		for _, b := range first {
			for _, c := range rest {
				for _, d := range rest {
					code := string([]rune{a, b, c, d})
					if hac.ReasonText(code) == "" {
						continue
					}
					known++
					if !OfReason(code).Known {
						t.Errorf("%s is not explained", code)
					}
				}
			}
		}
	}
	if known < 40 || known != len(All(Reason)) {
		t.Errorf("%d reasons in hac, %d diagnoses", known, len(All(Reason)))
	}
}

func TestStatusesAndReasonsOfPain002AreExplained(t *testing.T) {
	for code := range strings.FieldsSeq("ACCC ACCP ACSC ACSP ACTC ACWC ACWP CANC PART PDNG RCVD RJCT RCVC RVMC RVNM RVNA") {
		if !OfStatus(code).Known {
			t.Errorf("%s is not explained", code)
		}
	}
	for code := range strings.FieldsSeq("AC01 AC04 AC06 AG01 AM04 AM05 BE05 CNOR DNOR FF05 MD01 MD07 MS02 MS03 RC01 RR01 RR02 RR03 RR04 SL01 TM01") {
		if !OfRefusal(code).Known {
			t.Errorf("%s is not explained", code)
		}
	}
}

// A text that is missing in one language would be shown in another without a word.
func TestEveryTextIsThereInThreeLanguages(t *testing.T) {
	check := func(what string, x finding.Texts) {
		for language, text := range map[string]string{"en": x.EN, "de": x.DE, "sv": x.SV} {
			if text == "" || !strings.ContainsAny(text[len(text)-1:], ".?") || strings.TrimSpace(text) != text {
				t.Errorf("%s: no sentence in %s: %q", what, language, text)
			}
		}
		if x.EN == x.DE || x.EN == x.SV || x.DE == x.SV {
			t.Errorf("%s: the same text in two languages: %q", what, x.EN)
		}
	}
	n := 0
	for _, k := range []Kind{ReturnCode, Action, Reason, Status, Refusal} {
		for _, d := range append(All(k), load().find(k, "no such code")) {
			n++
			check(d.Code+" meaning", d.Meaning)
			check(d.Code+" next", d.Next)
			check(d.Code+" bank", d.Bank)
			for _, c := range d.Causes {
				check(d.Code+" cause", c)
			}
		}
	}
	if n < 180 {
		t.Errorf("only %d diagnoses", n)
	}
}

func TestUnknownCodesAreNeverTriedAgain(t *testing.T) {
	for _, d := range []Diagnosis{OfReturnCode("099999"), OfAction("SOMETHING"), OfReason("ZZ99"), OfStatus("XXXX"), OfRefusal("ZZ99"), OfEvent("SOMETHING", "ZZ99")} {
		if d.Known || d.Retry != Ask || d.Meaning.EN == "" {
			t.Errorf("%s: %+v", d.Code, d)
		}
	}
}

func TestTheCodeThatSaysMoreIsExplained(t *testing.T) {
	for name, c := range map[string]struct {
		got  Diagnosis
		want string
	}{
		"both well":                    {OfAnswer(ebics.OK, ebics.OK), "000000"},
		"refused in the body":          {OfAnswer(ebics.OK, ebics.AccountAuthorisationFailed), "091302"},
		"refused in the header":        {OfAnswer(ebics.AuthenticationFailed, ebics.OK), "061001"},
		"receipt":                      {OfAnswer(ebics.DownloadPostprocessDone, ebics.OK), "011000"},
		"nothing to fetch":             {OfAnswer(ebics.OK, ebics.NoDownloadDataAvailable), "090005"},
		"an answer without a body":     {OfAnswer(ebics.InternalError, ""), "061099"},
		"event with reason":            {OfEvent(hac.VEUForwarding, "DS06"), "DS06"},
		"event with an unknown reason": {OfEvent(hac.VEUForwarding, "ZZ99"), "VEU_FORWARDING"},
		"event without reason":         {OfEvent(hac.FinalNegative, ""), "ORDER_HAC_FINAL_NEG"},
	} {
		if c.got.Code != c.want {
			t.Errorf("%s: got %s, want %s", name, c.got.Code, c.want)
		}
	}
}

func TestMessageToTheBankNamesTheCase(t *testing.T) {
	d := OfReturnCode(ebics.BankPubkeyUpdateRequired)
	text := d.ForBank("de", Facts{Host: "HOST", Partner: "P1", User: "U1", Order: "CCT", OrderID: "N01A",
		Time: time.Date(2026, 11, 25, 10, 0, 0, 0, time.FixedZone("", 3600)), Text: "[EBICS_BANK_PUBKEY_UPDATE_REQUIRED]\n  Schlüssel " + strings.Repeat("x", 600)})
	for _, want := range []string{"Code: 091008 EBICS_BANK_PUBKEY_UPDATE_REQUIRED\n", "Kunde: P1\n", "Teilnehmer: U1\n", "Auftrag: CCT\n", "Auftragsnummer: N01A\n",
		"Zeit: 2026-11-25 09:00:00 UTC\n", "REQUIRED] Schlüssel x", "…\n", d.Bank.DE} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, text)
		}
	}
	if short := d.ForBank("fr", Facts{}); short != "Code: 091008 EBICS_BANK_PUBKEY_UPDATE_REQUIRED\n\n"+d.Bank.EN+"\n" {
		t.Errorf("without facts: %q", short)
	}
}

func TestFaultyFilesAreRefused(t *testing.T) {
	whole := fstest.MapFS{}
	for _, name := range append([]string{"remedies.yaml"}, "returncodes-transport.yaml", "returncodes-orders.yaml", "returncodes-keys.yaml", "hac.yaml", "status.yaml") {
		data, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		whole[name] = &fstest.MapFile{Data: data}
	}
	for name, c := range map[string]struct{ file, old, new, want string }{
		"no such remedy":    {"hac.yaml", "remedy: nothing", "remedy: magic", `there is no remedy "magic"`},
		"a language absent": {"hac.yaml", "sv: \"", "sv: \"\" #", "want en, de and sv everywhere"},
		"no class of retry": {"remedies.yaml", "retry: later", "retry: often", "is no class of retry"},
		"a code twice":      {"status.yaml", `"AC02"`, `"AC01"`, "AC01 stands there twice"},
		"the wrong list":    {"status.yaml", "statuses:", "actions:", "does not belong here"},
		"no unknown":        {"remedies.yaml", "id: unknown", "id: other", "no remedy unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			broken := fstest.MapFS{}
			for n, f := range whole {
				broken[n] = f
			}
			text := strings.Replace(string(whole[c.file].Data), c.old, c.new, 1)
			broken[c.file] = &fstest.MapFile{Data: []byte(text)}
			if _, err := read(broken); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
	delete(whole, "hac.yaml")
	if _, err := read(whole); err == nil {
		t.Error("a missing file was accepted")
	}
}
