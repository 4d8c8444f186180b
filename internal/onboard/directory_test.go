package onboard_test

import (
	"strings"
	"testing"

	"kontor/account/directory"
	"kontor/calendar"
	"kontor/internal/hub"
	"kontor/internal/store/storetest"
)

var december = calendar.Date{Year: 2026, Month: 12, Day: 7}

func codesOf(banks ...directory.Bank) directory.Source {
	return directory.Source{Name: "bundesbank", Date: december, Banks: banks}
}

var (
	firstBank  = directory.Bank{Country: "DE", Code: "99900100", BIC: "PBNKDEFFXXX"}
	secondBank = directory.Bank{Country: "DE", Code: "99900200", BIC: "QBNKDEFFXXX"}
	reached    = directory.Source{Name: "scl", Date: december, Participants: []directory.Participant{{BIC: "PBNKDEFFXXX", Reach: directory.CreditTransfer}}}
)

// Lists of several publishers are kept beside each other, a later one of a publisher in place of the earlier, and each change is audited.
func TestBankListsAreImportedReplacedAndCleared(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		d, ctx := newDesk(t, f), t.Context()
		if _, table, has, err := d.BankDirectory(ctx); has || err != nil || table == nil || table.Version() != "" {
			t.Errorf("before any: %v %v %v", table, has, err)
		}
		if err := d.ClearBanks(ctx, by); hub.CodeOf(err) != hub.CodeNotFound {
			t.Errorf("clearing nothing: %v", err)
		}
		for i, s := range []directory.Source{codesOf(firstBank), reached, codesOf(firstBank, secondBank)} {
			want, _, err := d.ImportBanks(ctx, by, "2026-12", december, s)
			f.Must(err)
			got, table, has, err := d.BankDirectory(ctx)
			if err != nil || !has || got != want || table.Version() != "2026-12" {
				t.Fatalf("import %d: %+v, want %+v: %v", i, got, want, err)
			}
		}
		got, table, _, err := d.BankDirectory(ctx)
		if err != nil || got.Banks != 2 || got.Participants != 1 || len(table.Sources()) != 2 {
			t.Errorf("%+v %v", got, err)
		}
		f.Must(d.ClearBanks(ctx, by))
		if _, _, has, err := d.BankDirectory(ctx); has || err != nil {
			t.Errorf("after clearing: %v %v", has, err)
		}
		if text := d.audited(hub.Operator); !strings.HasSuffix(text, strings.Repeat("bank_directory.import ", 3)+"bank_directory.clear") {
			t.Errorf("audited: %s", text)
		}
	})
}

func TestBankListsThatMakeNoTableAreRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		d := newDesk(t, f)
		for name, call := range map[string]struct {
			version string
			source  directory.Source
		}{
			"a version with a blank": {"of today", reached},
			"no version":             {"", reached},
			"a BIC that is none":     {"1", directory.Source{Name: "scl", Participants: []directory.Participant{{BIC: "X"}}}},
		} {
			if _, _, err := d.ImportBanks(t.Context(), by, call.version, december, call.source); hub.CodeOf(err) != hub.CodeInvalid {
				t.Errorf("%s: %v", name, err)
			}
		}
		if _, _, has, err := d.BankDirectory(t.Context()); has || err != nil {
			t.Errorf("stored all the same: %v %v", has, err)
		}
	})
}
