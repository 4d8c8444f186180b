package ebics_test

import (
	"testing"

	"kontor/ebics"
)

func TestServicesAreCheckedAsTheSchemaDoes(t *testing.T) {
	full := ebics.BTF{ServiceName: "SCT", Scope: "DE", Option: "URG", Container: "ZIP", MsgName: "pain.001", Version: "09", Variant: "001", Format: "XML"}
	for _, row := range []struct {
		name   string
		change func(*ebics.BTF)
		ok     bool
	}{
		{"full", func(*ebics.BTF) {}, true},
		{"least", func(b *ebics.BTF) { *b = ebics.BTF{ServiceName: "SCT", MsgName: "pain.001"} }, true},
		{"no name", func(b *ebics.BTF) { b.ServiceName = "" }, false},
		{"no message", func(b *ebics.BTF) { b.MsgName = "" }, false},
		{"lower case", func(b *ebics.BTF) { b.ServiceName = "sct" }, false},
		{"long name", func(b *ebics.BTF) { b.ServiceName = "SCTX" }, false},
		{"scope of one", func(b *ebics.BTF) { b.Scope = "D" }, false},
		{"option of ten", func(b *ebics.BTF) { b.Option = "0123456789" }, true},
		{"option of eleven", func(b *ebics.BTF) { b.Option = "01234567890" }, false},
		{"unknown container", func(b *ebics.BTF) { b.Container = "TAR" }, false},
		{"message in capitals", func(b *ebics.BTF) { b.MsgName = "PAIN.001" }, false},
		{"version of one digit", func(b *ebics.BTF) { b.Version = "9" }, false},
		{"version of letters", func(b *ebics.BTF) { b.Version = "AB" }, false},
	} {
		b := full
		row.change(&b)
		if err := b.Check(); (err == nil) != row.ok {
			t.Errorf("%s: %v", row.name, err)
		}
	}
	if err := (ebics.BTF{MsgName: "pain.001"}).CheckFilter(); err != nil {
		t.Errorf("a filter may leave parts out: %v", err)
	}
	if got := full.String(); got != "SCT/DE/URG/ZIP/pain.001.09.001.XML" {
		t.Error(got)
	}
	if got := (ebics.BTF{ServiceName: "STM", MsgName: "mt942"}).String(); got != "STM/-/-/-/mt942" {
		t.Error(got)
	}
}

// Without its own word an order's flag follows the attribute, so that one setting
// serves both generations.
func TestSignatureFlagFollowsTheAttribute(t *testing.T) {
	for _, row := range []struct {
		o    ebics.Order
		want ebics.SignatureFlag
	}{
		{ebics.Order{Attribute: ebics.AttributeOrder}, ebics.SignatureFlagSet},
		{ebics.Order{Attribute: ebics.AttributeData}, ebics.SignatureFlagNone},
		{ebics.Order{}, ebics.SignatureFlagSet},
		{ebics.Order{Attribute: ebics.AttributeData, Signature: ebics.SignatureFlagEDS}, ebics.SignatureFlagEDS},
	} {
		if got := row.o.SignatureFlag(); got != row.want {
			t.Errorf("%+v: %s", row.o, got)
		}
	}
}

func TestVersionsHaveTheirReleases(t *testing.T) {
	for v, want := range map[ebics.Version]string{ebics.H003: "02.40", ebics.H004: "02.50", ebics.H005: "03.00", "H006": ""} {
		if got := v.Release(); got != want {
			t.Errorf("%s: %q", v, got)
		}
		if _, err := ebics.ParseVersion(string(v)); (err == nil) != (want != "") {
			t.Errorf("%s: %v", v, err)
		}
	}
}
