package konfipay

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"kontor/account"
	"kontor/calendar"
	"kontor/internal/hub"
	"kontor/internal/store"
	"kontor/iso20022/pain"
	"kontor/money"
)

// collection is a valid pain.008 to a creditor account.
func collection(t *testing.T, messageID, scheme, creditor string) string {
	t.Helper()
	amount, err := money.Parse("12.34", "EUR")
	must(t, err)
	day, err := calendar.Parse("2026-03-03")
	must(t, err)
	var b bytes.Buffer
	must(t, pain.WriteDirectDebit(&b, pain.DirectDebit{
		MessageID: messageID, Created: time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC), InitiatingParty: "Muster GmbH", LocalInstrument: scheme,
		Batches: []pain.DebitBatch{{
			PaymentInformationID: "P-" + messageID, SequenceType: "RCUR", RequestedCollectionDate: day, Creditor: "Muster GmbH",
			CreditorAccount: account.IBAN(creditor), CreditorID: "DE98ZZZ09999999999",
			Payments: []pain.Debit{{EndToEndID: "E-" + messageID, Amount: amount, MandateID: "M-1", MandateSigned: day.AddDays(-30), Debtor: "Beispiel AG", DebtorAccount: account.IBAN(otherIBAN)}},
		}},
	}))
	return b.String()
}

// Direct debits come in and are asked for as credit transfers are: same path, same answers.
func TestDirectDebitsShareThePathOfPain(t *testing.T) {
	for _, tc := range []struct{ scheme, orderType string }{{"CORE", "CDD"}, {"B2B", "CDB"}} {
		t.Run(tc.scheme, func(t *testing.T) {
			w := newWorld(t)
			body := collection(t, "DD-1", tc.scheme, w.first.iban)
			a := w.post(w.first.token, "/api/v4/Payment/Sepa/Pain", body, "Content-Type: application/xml")
			var item struct {
				RID string `json:"rId"`
			}
			must(t, json.Unmarshal([]byte(a.body), &item))
			want := `{"rId":"RID","timestamp":"2026-03-02T10:00:00+01:00","type":"pain","paymentStatusItem":{"status":"KON_ACCEPTED_AND_QUEUED"}}`
			if a.status != http.StatusCreated || scrub(a.body, item.RID) != want {
				t.Fatalf("%d %s", a.status, a.body)
			}
			w.write(func(ctx context.Context, tx *store.Tx) error {
				f, err := tx.File(ctx, w.first.tenant, hub.FileID(item.RID))
				if err == nil && f.OrderType != tc.orderType {
					t.Errorf("order type %s, want %s", f.OrderType, tc.orderType)
				}
				return err
			})
			if got := w.get(w.first.token, "/api/v4/Payment/Sepa/Pain/"+item.RID); got.status != http.StatusOK || got.body != body {
				t.Errorf("the file came back with %d and other bytes", got.status)
			}
			again := w.post(w.first.token, "/api/v4/Payment/Sepa/Pain", body)
			if again.status != http.StatusCreated || !strings.Contains(again.body, "ERR-02-0003") || !strings.Contains(again.body, "DuplicateOf: "+item.RID) {
				t.Errorf("the repeat: %d %s", again.status, again.body)
			}
		})
	}
}

// What cannot be sent says why, in words for the person who wrote the file.
func TestDirectDebitThatCannotBeSentSaysWhy(t *testing.T) {
	forbid := func(w *world) {
		w.write(func(ctx context.Context, tx *store.Tx) error {
			contacts, err := tx.Contacts(ctx)
			if err != nil {
				return err
			}
			return tx.SetMaster(ctx, contacts[0].ID, hub.MasterData{Orders: []hub.PermittedOrder{{Type: "CCT"}}})
		})
	}
	for _, tc := range []struct {
		name, want string
		prepare    func(w *world)
		body       func(t *testing.T, w *world) string
	}{
		{"collected to another's account", "PAIN-E9 line", nil, func(t *testing.T, w *world) string { return collection(t, "DD", "CORE", w.second.iban) }},
		{"not permitted by the bank", "orders of type CDD", forbid, func(t *testing.T, w *world) string { return collection(t, "DD", "CORE", w.first.iban) }},
		{"no mandate", "PAIN-H5 line", nil, func(t *testing.T, w *world) string {
			text := collection(t, "DD", "CORE", w.first.iban)
			return text[:strings.Index(text, "<MndtId>")] + text[strings.Index(text, "<DtOfSgntr>"):]
		}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t)
			if tc.prepare != nil {
				tc.prepare(w)
			}
			a := w.post(w.first.token, "/api/v4/Payment/Sepa/Pain", tc.body(t, w))
			var item struct {
				Status struct {
					Status string `json:"status"`
					Error  struct {
						Code    string `json:"errorCode"`
						Details string `json:"errorDetails"`
					} `json:"errorItem"`
				} `json:"paymentStatusItem"`
			}
			must(t, json.Unmarshal([]byte(a.body), &item))
			if a.status != http.StatusCreated || item.Status.Status != "KON_REJECTED" || item.Status.Error.Code != "ERR-02-0002" || !strings.Contains(item.Status.Error.Details, tc.want) {
				t.Errorf("%d %s, want a rejection with %q", a.status, a.body, tc.want)
			}
		})
	}
}
