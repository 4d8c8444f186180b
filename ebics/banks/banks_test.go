package banks

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"kontor/ebics"
	"kontor/ebics/order"
)

func TestEveryBuiltInProfileIsRead(t *testing.T) {
	s, err := Open(nil)
	if err != nil {
		t.Fatal(err)
	}
	named, countries := 0, map[string]int{}
	for _, p := range s.Profiles() {
		if !p.Template {
			named++
			countries[p.Country]++
			if len(p.Sources) == 0 {
				t.Errorf("%s: no source", p.ID)
			}
		}
		if p.Catalogue() == nil || len(p.Versions) == 0 || p.Attribute == "" {
			t.Errorf("%s is not complete", p.ID)
		}
	}
	if named < 12 {
		t.Errorf("%d named banks, want at least 12", named)
	}
	for _, c := range []string{"DE", "AT", "CH", "LI", "FR"} {
		if countries[c] == 0 {
			t.Errorf("no bank of %s", c)
		}
	}
	for _, id := range []string{"generic", "de", "at", "ch", "li", "nl", "fr"} {
		if p, ok := s.Profile(id); !ok || !p.Template {
			t.Errorf("%s is no template", id)
		}
	}
}

// What a profile says about orders must lead to orders that can be sent.
func TestEveryOrderOfAProfileCanBeSent(t *testing.T) {
	for _, p := range Embedded().Profiles() {
		for _, key := range append(p.Statuses.All(), p.Statements...) {
			e, ok := p.Catalogue().ByKey(key)
			if !ok {
				t.Errorf("%s: no order %s", p.ID, key)
				continue
			}
			if o := p.Order(e, order.VoPUnsaid); o.Attribute != ebics.AttributeData || o.Type == "" {
				t.Errorf("%s: %s is fetched by %+v", p.ID, key, o)
			}
		}
	}
}

func TestProfilesInheritAndDiffer(t *testing.T) {
	s := Embedded()
	zkb, _ := s.Profile("zkb")
	z01, _ := zkb.Catalogue().ByType("Z01", "")
	if b, _ := zkb.BTF(z01, order.VoPUnsaid); b.Container != "" || b.ServiceName != "PSR" || b.Version != "10" {
		t.Errorf("ZKB knows Z01 without a container, got %v", b)
	}
	pf, _ := s.Profile("postfinance")
	z01, _ = pf.Catalogue().ByType("Z01", "")
	if b, _ := pf.BTF(z01, order.VoPUnsaid); b.Container != "ZIP" {
		t.Errorf("PostFinance knows Z01 with ZIP, got %v", b)
	}
	if pf.SegmentSize != 524288 || !slices.Equal(pf.Statuses.CreditTransfer, []string{"Z01"}) || len(pf.Statuses.VoP) != 0 {
		t.Errorf("PostFinance does not start from ch and generic: %+v", pf)
	}
	llb, _ := s.Profile("llb")
	if _, ok := llb.Catalogue().ByType("Z52", ""); ok {
		t.Error("LLB has Z52")
	}
	sozial, _ := s.Profile("sozialbank")
	if sozial.Digest != ebics.DigestKey || sozial.Template || sozial.Country != "DE" {
		t.Errorf("SozialBank does not start from volksbank: %+v", sozial)
	}
}

const own = `id: own
name: Own Bank
country: DE
extends: sparkasse
host_id: OWNHOST
btf_version: omit
attributes: {CCS: DZHNN}
orders:
  - type: XYZ
    direction: upload
    group: payment
    content: pain.001
    btf: [SCT/BIL/0XYZ/-/pain.001 09]
    attributes: [OZHNN, DZHNN]
    standing: bank-specific
    source: the agreement
    schemes: [sepa]
    name: {en: a, de: b, sv: c}
without: [XEK]
`

func TestOperatorsFolderAddsAndReplaces(t *testing.T) {
	s, err := Open(fstest.MapFS{
		"own.yaml":    {Data: []byte(own)},
		"zkb.yaml":    {Data: []byte("id: zkb\nname: Other\ncountry: CH\n")},
		"README.text": {Data: []byte("not a profile")},
	})
	if err != nil {
		t.Fatal(err)
	}
	if z, _ := s.Profile("zkb"); z.Name != "Other" || z.Digest != ebics.DigestByVersion {
		t.Errorf("zkb was not replaced: %+v", z)
	}
	p, ok := s.Profile("own")
	if !ok || p.HostID != "OWNHOST" || len(p.Orders) != 2 {
		t.Fatalf("got %+v", p)
	}
	xyz, _ := p.Catalogue().ByType("XYZ", "")
	o := p.Order(xyz, order.VoPUnsaid)
	if o.Type != "XYZ" || o.Attribute != ebics.AttributeOrder || o.Service == nil || o.Service.Option != "0XYZ" || o.Service.Version != "" {
		t.Errorf("got %+v with %v", o, o.Service)
	}
	for key, want := range map[string]string{"CCS": "DZHNN", "CDS": "OZHNN", "C53": "DZHNN", "HVE": "UZHNN"} {
		if e, ok := p.Catalogue().ByKey(key); !ok || p.AttributeOf(e) != want {
			t.Errorf("%s: attribute %s, want %s", key, p.AttributeOf(e), want)
		}
	}
	if _, ok := p.Catalogue().ByType("XEK", ""); ok {
		t.Error("XEK was not removed")
	}
	if before, _ := s.Profile("sparkasse"); len(before.Attributes) != 0 || len(before.Orders) != 1 {
		t.Error("the profile that it extends was changed")
	}
}

func TestFaultyProfilesAreRefusedWithFileAndLine(t *testing.T) {
	for name, c := range map[string]struct{ old, new, want string }{
		"unknown key":       {"host_id:", "hostid:", `own.yaml:5: unknown key "hostid"`},
		"wrong id":          {"id: own", "id: other", "own.yaml:1: the id"},
		"no parent":         {"extends: sparkasse", "extends: nobody", "own.yaml:4: there is no profile"},
		"itself":            {"extends: sparkasse", "extends: own", "own.yaml:4: there is no profile"},
		"country":           {"country: DE", "country: Germany", "own.yaml:3: want an ISO 3166 code"},
		"host id":           {"OWNHOST", "'OWN HOST'", "own.yaml:5: is no host id"},
		"http":              {"host_id: OWNHOST", "url: http://bank.example/", "own.yaml:5: want an https URL"},
		"version":           {"host_id: OWNHOST", "versions: [H006]", "own.yaml:5: want H003"},
		"segment":           {"host_id: OWNHOST", "segment_size: 1000001", "own.yaml:5: want a multiple of 4"},
		"digest":            {"host_id: OWNHOST", "digest: sha1", "own.yaml:5: want key"},
		"charset":           {"host_id: OWNHOST", "ptk_charset: EBCDIC", "own.yaml:5: want ISO-8859-1"},
		"short keys":        {"host_id: OWNHOST", "key_bits: 1024", "own.yaml:5: want 2048"},
		"signature":         {"host_id: OWNHOST", "signature_versions: [A004]", "own.yaml:5: want A005"},
		"confirming":        {"host_id: OWNHOST", "confirming: [RCVD]", "own.yaml:5: want ACCP"},
		"attribute":         {"CCS: DZHNN", "CCS: UZHNN", "own.yaml:7: want OZHNN"},
		"fixed attribute":   {"CCS: DZHNN", "C53: DZHNN", "own.yaml:7: C53 is no order whose attribute"},
		"no such status":    {"host_id: OWNHOST", "statuses: {instant: [C53]}", "own.yaml:5: C53 is no order of the group status"},
		"no such statement": {"host_id: OWNHOST", "statements: [Q53]", "own.yaml:5: Q53 is no order of the group statement"},
		"no such removal":   {"[XEK]", "[QQQ]", "order QQQ is to be removed"},
		"faulty order":      {"source: the agreement", "source: ''", "own.yaml:9: XYZ: source: an entry says"},
		"a BTF twice":       {"SCT/BIL/0XYZ/-/pain.001 09]", "SCT/BIL/0XYZ/-/pain.001 09, SCT/BIL/0XYZ/-/pain.001 09]", "have the same BTF"},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(own, c.old, c.new, 1)
			if text == own {
				t.Fatal("nothing was changed")
			}
			_, err := Open(fstest.MapFS{"own.yaml": {Data: []byte(text)}})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestProfilesThatExtendEachOtherAreRefused(t *testing.T) {
	_, err := Open(fstest.MapFS{
		"a.yaml": {Data: []byte("id: a\nname: A\ncountry: DE\nextends: b\n")},
		"b.yaml": {Data: []byte("id: b\nname: B\ncountry: DE\nextends: a\n")},
	})
	if err == nil || !strings.Contains(err.Error(), "starts from this one") {
		t.Errorf("got %v", err)
	}
}

// A folder that somebody else fills must not bring the program down.
func FuzzProfile(f *testing.F) {
	seeds := []string{own, "id: own\nname: n\ncountry: DE\nextends: own\n", "id: own\nattributes: {C53: x}\n", "id: [own]\n"}
	if len(seeds) == 0 {
		f.Fatal("no seeds")
	}
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		// As Open does it, without reading all others again each time.
		r := reader{sources: map[string]source{"own": {"own.yaml", data}}, done: maps.Clone(Embedded().profiles)}
		for id := range r.done {
			r.sources[id] = source{file: id}
		}
		p, err := r.profile("own", nil)
		if err != nil {
			return
		}
		if p.Catalogue() == nil || len(p.Versions) == 0 {
			t.Errorf("accepted, but not whole: %+v", p)
		}
	})
}
