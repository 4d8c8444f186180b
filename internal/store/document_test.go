package store_test

import (
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
)

// newDocument adds a document whose bytes have the given digest.
func newDocument(t *testing.T, f *storetest.Fixture, tenant hub.TenantID, account hub.AccountID, digest byte) (d hub.Document, known bool) {
	t.Helper()
	d = hub.Document{
		ID: hub.DocumentID(store.NewID()), Tenant: tenant, Account: account, Kind: hub.DocumentCamt, Format: "camt.053", Created: f.Store.Now(),
		Detail: hub.DocumentDetail{IBAN: storetest.IBAN(1), FileName: "statement.xml", StatementID: "S1", EntryCount: 2, OrderType: "C53"},
	}
	f.Write(func(tx *store.Tx) (err error) {
		known, err = tx.InsertDocument(t.Context(), d, [32]byte{digest})
		return err
	})
	return d, known
}

func TestDocumentsAreListedNewestFirstByFilter(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		tenant, other := f.NewTenant("alpha"), f.NewTenant("beta")
		start := f.Store.Now()
		var ids []hub.DocumentID
		for i := range 4 { // the last two are of the same moment
			if i < 3 {
				f.Forward(time.Hour)
			}
			d, _ := newDocument(t, f, tenant.ID, hub.AccountID([]string{"a", "b"}[i%2]), byte(i))
			ids = append(ids, d.ID)
		}
		newDocument(t, f, other.ID, "a", 0)
		f.Write(func(tx *store.Tx) error { _, err := tx.MarkRetrieved(ctx, tenant.ID, ids[1], tester); return err })
		for _, row := range []struct {
			name   string
			filter hub.DocumentFilter
			want   []int
		}{
			{"all", hub.DocumentFilter{}, []int{3, 2, 1, 0}},
			{"only new", hub.DocumentFilter{OnlyNew: true}, []int{3, 2, 0}},
			{"of an account", hub.DocumentFilter{Account: "b"}, []int{3, 1}},
			{"from, which counts", hub.DocumentFilter{From: start.Add(2 * time.Hour)}, []int{3, 2, 1}},
			{"until, which does not count", hub.DocumentFilter{Until: start.Add(2 * time.Hour)}, []int{0}},
			{"new, of an account, between", hub.DocumentFilter{
				OnlyNew: true, Account: "a", From: start.Add(time.Hour), Until: start.Add(3 * time.Hour),
			}, []int{0}},
			{"of another kind", hub.DocumentFilter{Kind: "mt"}, nil},
		} {
			t.Run(row.name, func(t *testing.T) {
				if row.filter.Kind == "" {
					row.filter.Kind = hub.DocumentCamt
				}
				var want, got []hub.DocumentID
				for _, i := range row.want {
					want = append(want, ids[i])
				}
				f.Read(func(tx *store.Tx) error {
					list, err := tx.Documents(ctx, tenant.ID, row.filter)
					for _, d := range list {
						got = append(got, d.ID)
					}
					return err
				})
				if !slices.Equal(got, want) {
					t.Errorf("%v, want %v", got, want)
				}
			})
		}
	})
}

func TestDocumentComesBackToItsTenantOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		tenant, other := f.NewTenant("alpha"), f.NewTenant("beta")
		want, _ := newDocument(t, f, tenant.ID, "a", 1)
		f.Reopen()
		f.Read(func(tx *store.Tx) error {
			got, err := tx.Document(t.Context(), tenant.ID, want.ID)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%+v, want %+v", got, want)
			}
			_, err2 := tx.Document(t.Context(), other.ID, want.ID)
			wantCode(t, err2, hub.CodeNotFound)
			return err
		})
	})
}

// Banks deliver twice; the customer's software must see a statement once.
func TestSameBytesAreOneDocumentPerTenant(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		tenant, other := f.NewTenant("alpha"), f.NewTenant("beta")
		for _, row := range []struct {
			name   string
			tenant hub.TenantID
			digest byte
			known  bool
		}{
			{"first", tenant.ID, 1, false}, {"the same bytes", tenant.ID, 1, true}, {"other bytes", tenant.ID, 2, false},
			{"the same bytes of another tenant", other.ID, 1, false},
		} {
			if _, known := newDocument(t, f, row.tenant, "a", row.digest); known != row.known {
				t.Errorf("%s: known %v", row.name, known)
			}
		}
		if n := count(t, f, `SELECT COUNT(*) FROM document`); n != 3 {
			t.Errorf("%d documents", n)
		}
	})
}

func TestDocumentIsRetrievedOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		tenant, other := f.NewTenant("alpha"), f.NewTenant("beta")
		d, _ := newDocument(t, f, tenant.ID, "a", 1)
		mark := func(tenant hub.TenantID) (first bool) {
			f.Write(func(tx *store.Tx) (err error) { first, err = tx.MarkRetrieved(ctx, tenant, d.ID, tester); return err })
			return first
		}
		if mark(other.ID) {
			t.Error("another tenant acknowledged it")
		}
		f.Forward(time.Minute)
		at := f.Store.Now()
		first := mark(tenant.ID)
		f.Forward(time.Minute)
		if !first || mark(tenant.ID) {
			t.Error("the first acknowledgement is not told from the second")
		}
		f.Read(func(tx *store.Tx) error {
			got, err := tx.Document(ctx, tenant.ID, d.ID)
			if !got.Retrieved.Equal(at) {
				t.Errorf("retrieved at %v, want %v", got.Retrieved, at)
			}
			events, err2 := tx.Events(ctx, tenant.ID, string(d.ID))
			if len(events) != 1 || events[0].Name != "retrieve" || events[0].Actor != tester {
				t.Errorf("events %+v", events)
			}
			return errors.Join(err, err2)
		})
		if n := count(t, f, `SELECT COUNT(*) FROM audit WHERE action = 'document.retrieve'`); n != 1 {
			t.Errorf("%d audit rows", n)
		}
	})
}

func TestProtocolEventIsSeenForTheFirstTimeOncePerContact(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		for _, row := range []struct {
			contact  hub.ContactID
			identity string
			first    bool
		}{{"one", "e1", true}, {"one", "e1", false}, {"one", "e2", true}, {"two", "e1", true}, {"two", "e1", false}} {
			f.Write(func(tx *store.Tx) error {
				first, err := tx.FirstSight(t.Context(), row.contact, row.identity)
				if first != row.first {
					t.Errorf("%s of %s: first %v", row.identity, row.contact, first)
				}
				return err
			})
		}
		rolledBack := errors.New("rolled back")
		for _, want := range []error{rolledBack, nil} { // what was not committed was not seen
			err := f.Store.Write(t.Context(), func(tx *store.Tx) error {
				first, err := tx.FirstSight(t.Context(), "one", "e3")
				if !first {
					t.Error("seen before")
				}
				return errors.Join(err, want)
			})
			if !errors.Is(err, want) {
				t.Fatal(err)
			}
		}
	})
}

func TestQuarantineKeepsTheSameBytesOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		var want []hub.Quarantined
		for i, wantKnown := range []bool{false, true, false} {
			q := hub.Quarantined{
				ID: store.NewID(), Owner: hub.Operator, Contact: "contact", Download: "download", Reason: "unknown_account", Created: f.Store.Now(),
				Detail: hub.QuarantineDetail{IBAN: storetest.IBAN(1), FileName: "x.xml", Key: "k"},
			}
			f.Write(func(tx *store.Tx) error {
				known, err := tx.InsertQuarantined(ctx, q, [32]byte{byte(i / 2)})
				if known != wantKnown {
					t.Errorf("row %d: known %v", i, known)
				}
				return err
			})
			if !wantKnown {
				q.Body = hub.BodyID(q.ID)
				want = append(want, q)
			}
		}
		f.Read(func(tx *store.Tx) error {
			got, err := tx.Quarantine(ctx, hub.Operator)
			if !reflect.DeepEqual(got, want) {
				t.Errorf("%+v, want %+v", got, want)
			}
			return err
		})
	})
}

// Equal parts of two contacts, empty statements for example, may belong to two owners.
func TestQuarantineKeepsTheSameBytesOfEachContact(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		for i, row := range []struct {
			contact hub.ContactID
			known   bool
		}{{"first", false}, {"second", false}, {"first", true}, {"second", true}} {
			f.Write(func(tx *store.Tx) error {
				q := hub.Quarantined{ID: store.NewID(), Owner: hub.Operator, Contact: row.contact, Download: "download", Reason: "unknown_account", Created: f.Now()}
				known, err := tx.InsertQuarantined(t.Context(), q, [32]byte{1})
				if known != row.known {
					t.Errorf("row %d: known %t", i, known)
				}
				return err
			})
		}
		f.Read(func(tx *store.Tx) error {
			all, err := tx.Quarantine(t.Context(), hub.Operator)
			if len(all) != 2 {
				t.Errorf("%+v", all)
			}
			return err
		})
	})
}

func TestDownloadIsSettledOnceAndClearedWhenOld(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		ctx := t.Context()
		f.NewBank("bank")
		contact := f.NewContact(hub.Operator, "bank")
		store1 := func() hub.DownloadID {
			var id hub.DownloadID
			f.Write(func(tx *store.Tx) error {
				body, err := tx.PublishBytes(ctx, hub.Operator, store.BodyDownload, []byte("zip"))
				if err != nil {
					return err
				}
				id = hub.DownloadID(body)
				return tx.InsertDownload(ctx, hub.Download{
					ID: id, Contact: contact.ID, Owner: hub.Operator, OrderType: "C53", Kind: hub.PollStatement, State: hub.DownloadStored, Created: f.Store.Now(),
				})
			})
			return id
		}
		first, second := store1(), store1()
		f.Write(func(tx *store.Tx) error { return tx.MarkReceipted(ctx, contact.ID, first) })
		settle := func(id hub.DownloadID, to hub.DownloadState) error {
			return f.Store.Write(ctx, func(tx *store.Tx) error { return tx.SettleDownload(ctx, contact.ID, id, to) })
		}
		must(t, settle(first, hub.DownloadIndexed))
		wantCode(t, settle(first, hub.DownloadUndecoded), hub.CodeConflict)
		f.Forward(time.Hour)
		f.Read(func(tx *store.Tx) error {
			got, err := tx.Download(ctx, contact.ID, first)
			if !got.Receipted || got.State != hub.DownloadIndexed || got.Body != hub.BodyID(first) {
				t.Errorf("%+v", got)
			}
			open, err2 := tx.StoredDownloads(ctx)
			if len(open) != 1 || open[0].ID != second {
				t.Errorf("open %+v", open)
			}
			_, err3 := tx.Download(ctx, contact.ID, "none")
			wantCode(t, err3, hub.CodeNotFound)
			return errors.Join(err, err2)
		})
	})
}

// What an earlier program has put in quarantine is known by the fingerprint that it made, to its contact alone.
func TestPartThatAnEarlierProgramKeptIsKnown(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		digest := [32]byte{1}
		insert := func(contact hub.ContactID) (q hub.Quarantined, known bool) {
			q = hub.Quarantined{ID: store.NewID(), Owner: hub.Operator, Contact: contact, Download: "download", Reason: "unknown_account", Created: f.Now()}
			f.Write(func(tx *store.Tx) (err error) {
				known, err = tx.InsertQuarantined(t.Context(), q, digest)
				return err
			})
			return q, known
		}
		first, _ := insert("contact")
		f.Write(func(tx *store.Tx) error { return store.MakeQuarantinedFormer(t.Context(), tx, first, digest) })
		if _, known := insert("contact"); !known {
			t.Error("the same part is there twice")
		}
		if _, known := insert("another"); known {
			t.Error("the same bytes of another contact are taken for the first's")
		}
	})
}
