package store_test

import (
	"database/sql"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"

	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

// backTo takes the tables back to an earlier version, as a database has them that was made by an earlier program.
func backTo(t *testing.T, f *storetest.Fixture, version int64) {
	t.Helper()
	dialect, folder := goose.DialectSQLite3, "migrations/sqlite"
	db, _ := f.Store.Native().(*sql.DB)
	if pool, ok := f.Store.Native().(*pgxpool.Pool); ok {
		dialect, folder, db = goose.DialectPostgres, "migrations/postgres", stdlib.OpenDBFromPool(pool)
		defer func() { must(t, db.Close()) }()
	}
	p, err := goose.NewProvider(dialect, db, os.DirFS(folder))
	must(t, err)
	_, err = p.DownTo(t.Context(), version)
	must(t, err)
}

// A bank that was set up by an earlier version goes on as it was: one attribute was for credit transfers, the only uploads then. Its contacts
// ask for what is new.
func TestBanksOfTheFirstVersionGoOn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		rows := []struct {
			bank      hub.BankID
			profile   string // as the first version wrote it
			want      hub.BankProfile
			attribute string // of credit transfers
			polls     string
		}{
			{"plain", `{}`, hub.BankProfile{}, "OZHNN", "CDZ CRZ HTD"},
			{"accompanying-note", `{"uploadAttribute":"DZHNN"}`, hub.BankProfile{UploadAttributes: hub.Attributes{"CCT": "DZHNN"}}, "DZHNN", "CDZ CRZ HTD"},
			{"explicit", `{"uploadAttribute":"OZHNN"}`, hub.BankProfile{}, "OZHNN", "CDZ CRZ HTD"},
			{"explicit-and-more", `{"uploadAttribute":"OZHNN","protocolOrder":"PTK"}`, hub.BankProfile{ProtocolOrder: "PTK"}, "OZHNN", "CDZ CRZ HTD"},
			{"named-reports", `{"uploadAttribute":"DZHNN","statusOrders":["CRZ"]}`,
				hub.BankProfile{UploadAttributes: hub.Attributes{"CCT": "DZHNN"}, StatusOrders: []string{"CRZ"}}, "DZHNN", "CRZ HTD"},
			{"no-reports", `{"statusOrders":["-"],"confirmingStatuses":["ACSP"]}`,
				hub.BankProfile{StatusOrders: []string{"-"}, ConfirmingStatuses: []string{"ACSP"}}, "OZHNN", "CRZ HTD"},
		}
		contacts := map[hub.BankID]hub.ContactID{}
		for _, r := range rows {
			f.NewBank(r.bank)
			contacts[r.bank] = f.NewContact(hub.Operator, r.bank).ID
			f.Write(func(tx *store.Tx) error {
				return tx.InsertPoll(t.Context(), hub.Poll{Contact: contacts[r.bank], OrderType: "CRZ", Kind: hub.PollStatus, Next: f.Now(), Last: f.Now(), LastResult: "nothing"})
			})
		}
		backTo(t, f, 1)
		for _, r := range rows {
			tamper(t, f, `UPDATE bank SET profile = $1 WHERE id = $2`, r.profile, string(r.bank))
		}
		must(t, f.Store.Migrate(t.Context()))
		f.Read(func(tx *store.Tx) error {
			for _, r := range rows {
				b, err := tx.Bank(t.Context(), r.bank)
				if err != nil {
					return err
				}
				if !sameProfile(b.Profile, r.want) || b.Profile.Attribute("CCT") != r.attribute || b.Profile.Attribute("CDD") != "OZHNN" {
					t.Errorf("%s: %+v, want %+v", r.bank, b.Profile, r.want)
				}
				polls, err := tx.Polls(t.Context(), contacts[r.bank])
				if err != nil {
					return err
				}
				checkPolls(t, f, r.bank, polls, r.polls)
			}
			return nil
		})
	})
}

func sameProfile(a, b hub.BankProfile) bool {
	return a.Attribute("CCT") == b.Attribute("CCT") && len(a.UploadAttributes) == len(b.UploadAttributes) && a.ProtocolOrder == b.ProtocolOrder &&
		slices.Equal(a.StatusOrders, b.StatusOrders) && slices.Equal(a.ConfirmingStatuses, b.ConfirmingStatuses)
}

func checkPolls(t *testing.T, f *storetest.Fixture, bank hub.BankID, polls []hub.Poll, want string) {
	t.Helper()
	var types []string
	for _, p := range polls {
		types = append(types, p.OrderType)
		switch p.OrderType {
		case "CRZ":
			if !p.Next.Equal(f.Now()) || !p.Last.Equal(f.Now()) || p.LastResult != "nothing" {
				t.Errorf("%s: the old poll is now %+v", bank, p)
			}
		case "HTD":
			if p.Kind != hub.PollMaster || p.Next.After(f.Now()) || !p.Last.IsZero() {
				t.Errorf("%s: %+v is not due", bank, p)
			}
		case "CDZ":
			if p.Kind != hub.PollStatus || p.Next.After(f.Now()) {
				t.Errorf("%s: %+v is not due", bank, p)
			}
		}
	}
	slices.Sort(types)
	if got := strings.Join(types, " "); got != want {
		t.Errorf("%s: polls %s, want %s", bank, got, want)
	}
}
