package order

import (
	"slices"
	"strings"
	"testing"

	"kontor/ebics"
)

func TestCatalogueIsRead(t *testing.T) {
	c, err := Read("catalogue.yaml", embedded)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(c.Entries()); n < 70 {
		t.Errorf("only %d entries", n)
	}
	if Default().Entries()[0].Key() != "CCT" {
		t.Error("the built-in catalogue is another")
	}
}

// What issue 5 names must be there, each as what it is.
func TestEveryOrderThatIsAskedForIsThere(t *testing.T) {
	for group, types := range map[Group]string{
		Payment:   "CCT CIP CIV CTV CCU XEK XCT CDD CDB AXZ AZV XE2 XE3 CCS CDS C2S",
		Statement: "C52 C53 C54 STA VMK BKA Z52 Z53 Z54",
		Protocol:  "HAC PTK",
		Status:    "Z01 CRZ CDZ CIZ XMF VPZ",
		Keys:      "INI HIA H3K HPB HCA HCS PUB SPR",
		Master:    "HKD HTD HAA HPD",
		VEU:       "HVU HVZ HVD HVT HVE HVS",
		Other:     "FUL FDL BTU BTD",
	} {
		for typ := range strings.FieldsSeq(types) {
			if e, ok := Default().ByType(ebics.OrderType(typ), ""); !ok || e.Group != group {
				t.Errorf("%s: found %v in group %q, want %q", typ, ok, e.Group, group)
			}
		}
	}
	for _, key := range []string{"fees camt.086", "FUL pain.001.001.02.sct", "FDL camt.xxx.cfonb120.stm"} {
		if _, ok := Default().ByKey(key); !ok {
			t.Errorf("%s is not there", key)
		}
	}
}

// Under which name ever a bank lists an order, it is the same order.
func TestTypeAndBTFLeadToTheSameEntry(t *testing.T) {
	c, twins := Default(), 0
	for _, e := range c.Entries() {
		if e.Type != "" {
			if got, ok := c.ByType(e.Type, e.FileFormat); !ok || got.Key() != e.Key() {
				t.Errorf("%s: its type finds %q", e.Key(), got.Key())
			}
		}
		for _, twin := range e.Twins {
			twins++
			got, match := c.ByBTF(twin.BTF, e.Direction)
			if match != ExactMatch || got.Key() != e.Key() {
				t.Errorf("%s: %s finds %q (%s)", e.Key(), FormatBTF(twin.BTF), got.Key(), match)
			}
			back, err := ParseBTF(FormatBTF(twin.BTF))
			if err != nil || back != twin.BTF {
				t.Errorf("%s: %s is read back as %s, %v", e.Key(), FormatBTF(twin.BTF), FormatBTF(back), err)
			}
		}
		if len(e.Twins) == 0 && !e.Kept && e.Standing == Published && e.Note == "" && !strings.Contains(e.Source, "BTF") && !slices.Contains([]string{"CRC", "CBC", "DKI"}, e.Key()) {
			t.Errorf("%s: neither kept in H005, nor with BTF, nor a word why", e.Key())
		}
	}
	if twins < 50 {
		t.Errorf("only %d BTF", twins)
	}
}

func TestBTFIsFoundTolerantlyButNeverConfused(t *testing.T) {
	for name, c := range map[string]struct {
		btf       string
		direction Direction
		key       string
		match     Match
	}{
		"exact":                                 {"SCT/DE/-/-/pain.001", Upload, "CCT", ExactMatch},
		"another version":                       {"EOP/CH/-/ZIP/camt.053 10", Download, "Z53", NearMatch},
		"a variant":                             {"SCT/-/-/-/pain.001 09 001", Upload, "CCT", NearMatch},
		"another scope":                         {"SCT/NL/-/-/pain.001", Upload, "CCT", LooseMatch},
		"option of opt-in, another scope":       {"SCT/GLB/VOI/-/pain.001", Upload, "CTV", LooseMatch},
		"container said on one side":            {"EOP/DE/-/-/camt.053", Download, "C53", LooseMatch},
		"an option of which nothing is known":   {"EOP/DE/XYZ/ZIP/camt.053", Download, "C53", LooseMatch},
		"CORE":                                  {"SDD/AT/COR/-/pain.008", Upload, "CDD", LooseMatch},
		"B2B":                                   {"SDD/AT/B2B/-/pain.008", Upload, "CDB", LooseMatch},
		"neither CORE nor B2B":                  {"SDD/-/-/-/pain.008", Upload, "", NoMatch},
		"an unknown option beside CORE and B2B": {"SDD/AT/0ABC/-/pain.008", Upload, "", NoMatch},
		"Austrian statements follow the German list":   {"EOP/AT/-/ZIP/camt.053 08", Download, "C53", LooseMatch},
		"statements of Liechtenstein follow the Swiss": {"EOP/LI/-/ZIP/camt.053 08", Download, "Z53", LooseMatch},
		"a French scope is not German":                 {"EOP/FR/-/ZIP/camt.053", Download, "", NoMatch},
		"the other direction":                          {"SCT/DE/-/-/pain.001", Download, "", NoMatch},
		"another message":                              {"SCT/DE/-/-/pain.007", Upload, "", NoMatch},
		"status of credit transfers or of debits":      {"REP/DE/-/ZIP/pain.002", Download, "", NoMatch},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := ParseBTF(c.btf)
			if err != nil {
				t.Fatal(err)
			}
			e, match := Default().ByBTF(b, c.direction)
			if e.Key() != c.key || match != c.match {
				t.Errorf("found %q (%s), want %q (%s)", e.Key(), match, c.key, c.match)
			}
		})
	}
}

func TestOrdersForPaymentFiles(t *testing.T) {
	for name, c := range map[string]struct {
		file PaymentFile
		want string // keys, best first
		btf  string // of the best
	}{
		"SEPA, Germany":              {PaymentFile{Message: "pain.001", Currency: "EUR", Country: "DE"}, "CCT", "SCT/DE/-/-/pain.001"},
		"SEPA, anywhere":             {PaymentFile{Message: "pain.001", Scheme: SEPA}, "CCT,XE2,FUL pain.001.001.02.sct,FUL pain.001.001.03.sct", "SCT/-/-/-/pain.001"},
		"opt-in":                     {PaymentFile{Message: "pain.001", Currency: "EUR", Country: "DE", VoP: OptIn}, "CTV", "SCT/DE/VOI/-/pain.001"},
		"opt-out is silence":         {PaymentFile{Message: "pain.001", Currency: "EUR", Country: "DE", VoP: OptOut}, "CCT", "SCT/DE/-/-/pain.001"},
		"opt-out, Austria":           {PaymentFile{Message: "pain.001", Currency: "EUR", Country: "AT", VoP: OptOut}, "CCT", "SCT/AT/VOO/-/pain.001"},
		"nothing said, Austria":      {PaymentFile{Message: "pain.001", Currency: "EUR", Country: "AT"}, "CCT", "SCT/AT/-/-/pain.001"},
		"instant":                    {PaymentFile{Message: "pain.001", Currency: "EUR", Country: "DE", Instant: true}, "CIP", "SCI/DE/-/-/pain.001"},
		"instant with opt-in":        {PaymentFile{Message: "pain.001", Currency: "EUR", Country: "AT", Instant: true, VoP: OptIn}, "CIV", "SCI/AT/VOI/-/pain.001"},
		"urgent":                     {PaymentFile{Message: "pain.001", Currency: "EUR", Country: "DE", Urgent: true}, "CCU", "XCT/DE/URG/-/pain.001"},
		"foreign":                    {PaymentFile{Message: "pain.001", Currency: "USD", Country: "DE"}, "AXZ", "XCT/DE/-/-/pain.001"},
		"mixed currencies":           {PaymentFile{Message: "pain.001", Country: "DE"}, "AXZ", "XCT/DE/-/-/pain.001"},
		"DTAZV":                      {PaymentFile{Message: "dtazv", Scheme: Foreign, Country: "DE"}, "AZV", "XCT/DE/-/-/dtazv"},
		"franc, Switzerland":         {PaymentFile{Message: "pain.001", Currency: "CHF", Country: "CH"}, "XE2", "MCT/CH/-/-/pain.001 09"},
		"franc, Liechtenstein":       {PaymentFile{Message: "pain.001", Currency: "CHF", Country: "LI"}, "XE2", "MCT/CH/-/-/pain.001 09"},
		"euro, Switzerland":          {PaymentFile{Message: "pain.001", Currency: "EUR", Country: "CH"}, "XE2,CCT", "MCT/CH/-/-/pain.001 09"},
		"euro, France":               {PaymentFile{Message: "pain.001", Currency: "EUR", Country: "FR"}, "FUL pain.001.001.02.sct,FUL pain.001.001.03.sct,CCT", ""},
		"euro, the Netherlands":      {PaymentFile{Message: "pain.001", Currency: "EUR", Country: "NL"}, "CCT", "SCT/-/-/-/pain.001"},
		"CORE":                       {PaymentFile{Message: "pain.008", Scheme: Core, Country: "DE"}, "CDD", "SDD/DE/COR/-/pain.008"},
		"B2B":                        {PaymentFile{Message: "pain.008", Scheme: B2B, Country: "DE"}, "CDB", "SDD/DE/B2B/-/pain.008"},
		"debits without a scheme":    {PaymentFile{Message: "pain.008", Country: "DE"}, "", ""},
		"bureau, credit transfers":   {PaymentFile{Message: "pain.001", Currency: "EUR", Country: "DE", Bureau: true}, "CCS", ""},
		"bureau, CORE":               {PaymentFile{Message: "pain.008", Scheme: Core, Country: "DE", Bureau: true}, "CDS", ""},
		"bureau, B2B":                {PaymentFile{Message: "pain.008", Scheme: B2B, Country: "DE", Bureau: true}, "C2S", ""},
		"bureau, in Austria":         {PaymentFile{Message: "pain.001", Currency: "EUR", Country: "AT", Bureau: true}, "", ""},
		"recall":                     {PaymentFile{Message: "camt.055", Country: "DE"}, "recall camt.055", "SCT/DE/-/-/camt.055"},
		"urgent and instant at once": {PaymentFile{Message: "pain.001", Currency: "EUR", Country: "DE", Urgent: true, Instant: true}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			var keys []string
			var btf string
			for i, choice := range Default().ForPayment(c.file) {
				keys = append(keys, choice.Entry.Key())
				if i == 0 && choice.BTF != (ebics.BTF{}) {
					btf = FormatBTF(choice.BTF)
				}
			}
			if got := strings.Join(keys, ","); got != c.want || btf != c.btf {
				t.Errorf("got %q with %q, want %q with %q", got, btf, c.want, c.btf)
			}
		})
	}
}

// The client takes one description and uses of it what the protocol version has.
func TestOrderForTheClient(t *testing.T) {
	e, _ := Default().ByType("FUL", "pain.001.001.03.sct")
	o := e.Order("FR", VoPUnsaid, ebics.AttributeOrder)
	if o.Type != "FUL" || o.FileFormat == nil || o.FileFormat.Country != "FR" || o.FileFormat.Name != "pain.001.001.03.sct" || o.Service != nil {
		t.Errorf("got %+v", o)
	}
	e, _ = Default().ByType("CTV", "")
	if o := e.Order("AT", OptIn, ebics.AttributeOrder); o.Service == nil || o.Service.Scope != "AT" || o.Service.Option != "VOI" || o.FileFormat != nil {
		t.Errorf("got %+v", o)
	}
}

// What another country's banks call an order is no proposal: HTD tells.
func TestNoBTFOfAnotherCountryIsProposed(t *testing.T) {
	for name, c := range map[string]struct {
		key, country string
		want         string // "" = none
	}{
		"German statements in Germany":             {"C53", "DE", "EOP/DE/-/ZIP/camt.053"},
		"German statements in Austria":             {"C53", "AT", ""},
		"German statements, anywhere":              {"C53", "", "EOP/DE/-/ZIP/camt.053"},
		"Swiss statements in Liechtenstein":        {"Z53", "LI", "EOP/CH/-/ZIP/camt.053 08"},
		"Swiss statements in France":               {"Z53", "FR", ""},
		"an unscoped one beside a German":          {"CDD", "NL", "SDD/-/COR/-/pain.008"},
		"a bilateral one beside a German":          {"BKA", "AT", "EOP/BIL/-/ZIP/pdf"},
		"an order that H005 keeps has none at all": {"HAC", "DE", ""},
	} {
		e, ok := Default().ByKey(c.key)
		if !ok {
			t.Fatalf("no %s", c.key)
		}
		got := ""
		if b, ok := e.BTF(c.country, VoPUnsaid); ok {
			got = FormatBTF(b)
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// What the catalogue has not must still be shown and offered.
func TestUnknownOrdersAreRepresented(t *testing.T) {
	if _, ok := Default().ByType("QQQ", ""); ok {
		t.Fatal("QQQ is in the catalogue")
	}
	u := Unknown("QQQ", "", Download)
	if u.Known() || u.Key() != "QQQ" || u.Content != "" || u.Name.Texts().In("sv") != "QQQ" {
		t.Errorf("got %+v", u)
	}
	b := ebics.BTF{ServiceName: "OTH", Scope: "BIL", Option: "CH004TPE", Container: "ZIP", MsgName: "msc"}
	v := UnknownBTF(b, Download)
	if got, ok := v.BTF("CH", VoPUnsaid); v.Known() || v.Content != "msc" || !ok || got != b {
		t.Errorf("got %+v", v)
	}
	if e, ok := Default().ByType("FDL", "pain.002.001.03.some"); !ok || e.Key() != "FDL" {
		t.Errorf("an unknown file format finds %q", e.Key())
	}
	if _, ok := Default().ByType("CCT", "pain.001.001.03.sct"); ok {
		t.Error("CCT has no file format")
	}
}

func TestCatalogueIsOverlaid(t *testing.T) {
	own, _ := Default().ByType("XEK", "")
	own.Retired, own.Standing = false, Published
	own.Twins = []Twin{{BTF: ebics.BTF{ServiceName: "SCT", Scope: "DE", MsgName: "pain.001"}}} // CCT's until now
	c, err := Default().With([]Entry{own}, []string{"AZV"})
	if err != nil {
		t.Fatal(err)
	}
	if e, _ := c.ByBTF(own.Twins[0].BTF, Upload); e.Key() != "XEK" {
		t.Errorf("the BTF still means %q", e.Key())
	}
	if _, ok := c.ByType("AZV", ""); ok {
		t.Error("AZV was not removed")
	}
	if _, ok := Default().ByType("AZV", ""); !ok {
		t.Error("the built-in catalogue was changed")
	}
	if len(c.Entries()) != len(Default().Entries())-1 {
		t.Errorf("%d entries", len(c.Entries()))
	}
	if _, err := Default().With(nil, []string{"QQQ"}); err == nil {
		t.Error("removing what is not there was accepted")
	}
}

func TestFaultyCataloguesAreRefusedWithTheirLine(t *testing.T) {
	good := "orders:\n  - {type: ABC, direction: upload, group: other, attributes: [OZHNN], standing: published, source: s, name: {en: a, de: b, sv: c}}\n"
	if _, err := Read("c.yaml", []byte(good)); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ old, new, want string }{
		"type":         {"ABC", "abc", "c.yaml:2: abc: is no order type"},
		"direction":    {"upload", "up", "c.yaml:2: ABC: want upload or download"},
		"group":        {"other", "others", "c.yaml:2: ABC: is no group"},
		"attribute":    {"OZHNN", "QZHNN", "c.yaml:2: ABC: QZHNN is no order attribute"},
		"no attribute": {"attributes: [OZHNN], ", "", "c.yaml:2: ABC: an order type has an attribute"},
		"standing":     {"published", "certain", "c.yaml:2: ABC: want published"},
		"no source":    {"source: s, ", "", "c.yaml:2: ABC: an entry says where it comes from"},
		"no Swedish":   {", sv: c", "", "c.yaml:2: ABC: want en, de and sv"},
		"unknown key":  {"source: s", "sauce: s", `c.yaml:2: unknown key "sauce"`},
		"BTF":          {"source: s", "btf: [SCT/DE/pain.001], source: s", "c.yaml:2: BTF \"SCT/DE/pain.001\": want service"},
		"BTF part":     {"source: s", "btf: [SCTX/DE/-/-/pain.001], source: s", "ServiceName"},
		"BTF key":      {"source: s", "btf: [{is: SCT/DE/-/-/pain.001, wop: opt-in}], source: s", `c.yaml:2: unknown key "wop"`},
		"kept and BTF": {"source: s", "kept: true, btf: [SCT/DE/-/-/pain.001], source: s", "has no BTF"},
		"country":      {"source: s", "countries: [Germany], source: s", "Germany is no country"},
		"scheme":       {"source: s", "schemes: [sct], source: s", "sct is no scheme"},
		"no content":   {"group: other", "group: payment", "says what is inside"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Read("c.yaml", []byte(strings.Replace(good, c.old, c.new, 1)))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
	if _, err := Read("c.yaml", []byte(good+strings.TrimPrefix(good, "orders:\n"))); err == nil {
		t.Error("an order twice was accepted")
	}
}

func FuzzParseBTF(f *testing.F) {
	seeds := []string{"SCT/DE/-/-/pain.001", "EOP/CH/-/ZIP/camt.053 08 - XML", "////", "SCT/DE/-/-/pain.001 1 2 3 4", ""}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		b, err := ParseBTF(text)
		if err != nil {
			return
		}
		if back, err := ParseBTF(FormatBTF(b)); err != nil || back != b {
			t.Errorf("%q: %v became %v, %v", text, b, back, err)
		}
	})
}

func FuzzRead(f *testing.F) {
	seeds := []string{
		"orders:\n  - {type: ABC, direction: upload, group: other, attributes: [OZHNN], standing: published, source: s, name: {en: a, de: b, sv: c}}\n",
		"orders:\n  - btf: [{is: SCT/DE/-/-/pain.001, vop: opt-in}]\n", "orders: [{btf: [[]]}]\n", "orders: {}\n",
	}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Read("c.yaml", data)
		if err != nil {
			return
		}
		for _, e := range c.Entries() {
			if faults := e.Validate(); faults != nil {
				t.Errorf("accepted: %v", faults)
			}
		}
	})
}
