package store_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

// canary is what must be found nowhere; witness is what must be found, so that the search is known to see.
const (
	canary  = "Kanarienvogel7391"
	witness = "Zeuge5528Bank"
)

// fill sets every text in a value to the canary and gives every list one element.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(canary)
	case reflect.Int, reflect.Int64:
		v.SetInt(7391)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Bool:
		v.SetBool(true)
	default:
		panic("cannot fill a " + v.Kind().String())
	}
}

func filled[T any]() T {
	var v T
	fill(reflect.ValueOf(&v).Elem())
	return v
}

// writeCanaries puts the canary into everything that the store is to seal or to fingerprint.
func writeCanaries(t *testing.T, f *storetest.Fixture) {
	t.Helper()
	ctx := t.Context()
	now := f.Store.Now()
	text := bytes.Repeat([]byte(canary+"\n"), 100_000)
	tenant := hub.TenantID(store.NewID())
	contact := hub.ContactID(store.NewID())
	f.Write(func(tx *store.Tx) error {
		return tx.InsertTenant(ctx, hub.Tenant{ID: tenant, Handle: "alpha", Name: canary, State: hub.TenantActive, Created: now})
	})
	staging, err := f.Store.Stage(ctx, tenant.Owner(), store.BodyPaymentFile)
	must(t, err)
	must(t, staging.Write(ctx, text))
	for range 17 * hub.PageSize {
		must(t, staging.AddPayment(ctx, filled[hub.Payment]()))
	}
	must(t, staging.Remember(ctx, hub.HistoryPayment, staging.Print(hub.HistoryPayment, []byte(canary))))
	must(t, staging.Close(ctx))
	orphan, err := f.Store.Stage(ctx, tenant.Owner(), store.BodyPaymentFile)
	must(t, err)
	must(t, orphan.Write(ctx, text))
	file := hub.FileID(staging.ID())
	steps := map[string]func(tx *store.Tx) error{
		"bank": func(tx *store.Tx) error { return tx.InsertBank(ctx, hub.Bank{ID: "bank", Name: witness, Created: now}) },
		"contact": func(tx *store.Tx) error {
			return tx.InsertContact(ctx, hub.Contact{
				ID: contact, Owner: hub.Operator, Bank: "bank", PartnerID: canary, UserID: canary, State: hub.ContactReady, Keys: hub.Secret(canary),
				BankKeys: []byte(canary), Created: now, Updated: now,
			})
		},
		"master data": func(tx *store.Tx) error {
			return tx.SetMaster(ctx, contact, hub.MasterData{Read: now, Orders: []hub.PermittedOrder{filled[hub.PermittedOrder]()}, Accounts: []hub.MasterAccount{filled[hub.MasterAccount]()}})
		},
		"account": func(tx *store.Tx) error {
			return tx.InsertAccount(ctx, hub.Account{ID: "a", Tenant: tenant, Contact: contact, Currency: "EUR", IBAN: canary, Holder: canary, Created: now})
		},
		"api key": func(tx *store.Tx) error {
			return tx.InsertKey(ctx, hub.APIKey{ID: "k", Tenant: tenant, Name: canary, Created: now}, []byte("hash"))
		},
		"file": func(tx *store.Tx) error {
			if _, err := staging.Publish(ctx, tx); err != nil {
				return err
			}
			if err := staging.PublishHistory(ctx, tx); err != nil {
				return err
			}
			if _, err := tx.ClaimSubmission(ctx, tenant, [32]byte([]byte(canary+strings.Repeat("x", 32))), file, 1); err != nil {
				return err
			}
			return tx.InsertFile(ctx, hub.PaymentFile{
				ID: file, Tenant: tenant, Contact: contact, State: hub.StateQueued, Created: now, Updated: now, Detail: filled[hub.FileDetail](),
			})
		},
		"transition": func(tx *store.Tx) error {
			return tx.Transit(ctx, tenant, file, hub.Send(), store.Change{
				Actor: tester, Event: hub.EventDetail{Action: canary, Reason: canary, AdditionalInformation: canary},
				Update: func(d *hub.FileDetail) { d.Reason = canary },
			})
		},
		"payments": func(tx *store.Tx) error {
			return updateAll(ctx, tx, tenant, file, func(p *hub.Payment) bool { p.BankReason = canary; return true })
		},
		"audit": func(tx *store.Tx) error {
			return tx.Audit(ctx, hub.AuditRow{Owner: tenant.Owner(), Actor: tester, Action: "test.do", Detail: map[string]string{canary: canary}})
		},
		"sending": func(tx *store.Tx) error {
			return tx.InsertSending(ctx, hub.Sending{Tenant: tenant, File: file, Attempt: 1, Step: hub.StepPrepared, Prepared: []byte(canary)})
		},
		"document": func(tx *store.Tx) error {
			body, err := tx.PublishBytes(ctx, tenant.Owner(), store.BodyDocument, text)
			if err != nil {
				return err
			}
			d := hub.Document{ID: hub.DocumentID(body), Tenant: tenant, Kind: hub.DocumentCamt, Created: now, Detail: filled[hub.DocumentDetail]()}
			_, err = tx.InsertDocument(ctx, d, [32]byte{1})
			return err
		},
		"quarantine": func(tx *store.Tx) error {
			body, err := tx.PublishBytes(ctx, hub.Operator, store.BodyQuarantine, []byte(canary))
			if err != nil {
				return err
			}
			q := hub.Quarantined{ID: string(body), Owner: hub.Operator, Contact: contact, Created: now, Detail: filled[hub.QuarantineDetail]()}
			_, err = tx.InsertQuarantined(ctx, q, [32]byte{1})
			return err
		},
		"protocol event": func(tx *store.Tx) error { _, err := tx.FirstSight(ctx, contact, canary); return err },
	}
	for _, name := range []string{
		"bank", "contact", "master data", "account", "api key", "file", "transition", "payments", "audit", "sending", "document", "quarantine", "protocol event",
	} {
		if err := f.Store.Write(ctx, steps[name]); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		delete(steps, name)
	}
	if len(steps) != 0 {
		t.Fatalf("not written: %v", steps)
	}
	seal(t, f, tenant.Owner(), 10)
	if n := count(t, f, `SELECT COUNT(*) FROM chunk c JOIN body b ON b.id = c.body_id WHERE b.state = 'staged'`); n == 0 {
		t.Fatal("nothing is staged")
	}
}

// search looks for the canary as text and as the usual codings of its bytes.
func search(t *testing.T, where string, data []byte) (witnessed bool) {
	t.Helper()
	forms := [][]byte{[]byte(canary), []byte(hex.EncodeToString([]byte(canary)))}
	for shift := range 3 {
		coded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat(" ", shift) + canary))
		forms = append(forms, []byte(coded[4*((shift+2)/3):len(coded)-4])) // only what does not depend on the neighbours
	}
	lower := bytes.ToLower(data)
	for _, form := range forms {
		if i := bytes.Index(lower, bytes.ToLower(form)); i >= 0 {
			t.Errorf("%s holds the canary as %q", where, data[i:i+len(form)])
		}
	}
	return bytes.Contains(data, []byte(witness))
}

func TestSearchFindsACanary(t *testing.T) {
	for name, text := range map[string]string{
		"text": "x" + canary, "upper": strings.ToUpper(canary), "hex": hex.EncodeToString([]byte("ab" + canary)),
		"base64": base64.StdEncoding.EncodeToString([]byte(canary)), "shifted": base64.StdEncoding.EncodeToString([]byte(`{"a":"` + canary + `"}`)),
		"shifted more": base64.StdEncoding.EncodeToString([]byte(`{"ab":"` + canary + `"}`)),
	} {
		probe := &testing.T{}
		search(probe, name, []byte(text))
		if !probe.Failed() {
			t.Errorf("%s: not found", name)
		}
	}
}

func TestNothingOfATenantIsInTheSQLiteFiles(t *testing.T) {
	f := storetest.SQLite(t)
	writeCanaries(t, f)
	look := func(when string, wantWAL bool) {
		witnessed, files := false, ""
		must(t, filepath.WalkDir(f.Dir, func(path string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			files += " " + d.Name()
			witnessed = search(t, when+", "+d.Name(), data) || witnessed
			return nil
		}))
		if !witnessed || wantWAL && !strings.Contains(files, "kontor.db-wal") {
			t.Errorf("%s: the search does not see what is there; files:%s", when, files)
		}
	}
	look("open", true)
	f.Reopen() // closing writes the WAL into the database
	look("closed once", false)
}

func TestNothingOfATenantIsInThePostgreSQLTables(t *testing.T) {
	f := storetest.Postgres(t)
	writeCanaries(t, f)
	witnessed, tables := false, 0
	for _, row := range query(t, f, `SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'`) {
		tables++
		name := row[0].(string)
		for _, record := range query(t, f, `SELECT * FROM "`+name+`"`) {
			for _, value := range record {
				data, ok := value.([]byte)
				if !ok {
					data = fmt.Append(nil, value)
				}
				witnessed = search(t, name, data) || witnessed
			}
		}
	}
	if !witnessed || tables < 20 {
		t.Errorf("the search saw %d tables, the witness %v", tables, witnessed)
	}
}
