package intake_test

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	"kontor/internal/hub"
	"kontor/internal/intake"
	"kontor/internal/store"
	"kontor/internal/store/storetest"
	"kontor/money"
)

// What was taken in is what came: the bytes, an index of every payment that points into them, and a job to send it.
func TestGoodFileIsQueuedWithItsBytesAndIndex(t *testing.T) {
	two := []batch{{id: "PMT-1", iban: storetest.IBAN(1), payments: 300}, {id: "PMT-2", iban: storetest.IBAN(2), currency: "EUR", payments: 2}}
	for _, tc := range []struct {
		name string
		m    message
	}{
		{"pain.001.001.09", message{version: "09", id: "MSG-09", batches: two}},
		{"pain.001.001.03", message{version: "03", id: "MSG-03", batches: two}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
				d := newDesk(t, f)
				text := tc.m.String()
				file := d.taken(text)
				got := d.file(file.ID)
				if got.State != hub.StateQueued || got.Count != 302 || got.Format != tc.name || got.Currency != "EUR" || got.Contact != d.contact.ID {
					t.Errorf("file %+v", got)
				}
				if got.Detail.MessageID != tc.m.id || got.Detail.ControlSum != "302.00" || got.Detail.FileName != "salaries.xml" || len(got.Detail.Findings) != 0 {
					t.Errorf("detail %+v", got.Detail)
				}
				if string(d.body(file.ID)) != text {
					t.Error("the stored bytes are not those that were sent")
				}
				payments := d.payments(file.ID)
				if len(payments) != 302 {
					t.Fatalf("%d payments in the index, want 302", len(payments))
				}
				for i, p := range payments {
					wantBatch, n := "PMT-1", i
					if i >= 300 {
						wantBatch, n = "PMT-2", i-300
					}
					raw := text[p.Offset : p.Offset+p.Length]
					if p.Ordinal != i || p.PaymentInformationID != wantBatch || p.EndToEndID != fmt.Sprintf("%s-%d", wantBatch, n) ||
						p.Amount != (money.Amount{Minor: 100, Currency: "EUR"}) || p.CreditorAccount != storetest.IBAN(1000+n) ||
						!strings.HasPrefix(raw, "<CdtTrfTxInf>") || !strings.HasSuffix(raw, "</CdtTrfTxInf>") || !strings.Contains(raw, "<EndToEndId>"+p.EndToEndID+"<") {
						t.Fatalf("payment %d: %+v\n%s", i, p, raw)
					}
				}
				if j := next(t, d.sends()); j.Tenant != d.tenant.ID || j.File != file.ID {
					t.Errorf("send job %+v is not for file %s", j, file.ID)
				}
			})
		})
	}
}

func TestReceivingIsAnEventWithTheBytesAndAnAuditRow(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	text := salaries("MSG", 3).String()
	file := d.taken(text)
	var events []hub.Event
	d.Read(func(tx *store.Tx) (err error) {
		events, err = tx.Events(t.Context(), d.tenant.ID, string(file.ID))
		return err
	})
	if len(events) != 1 || events[0].Name != "receive" || events[0].To != hub.StateQueued || events[0].Evidence != hub.BodyID(file.ID) || events[0].Actor != hub.Actor("key:"+d.principal.Key) {
		t.Errorf("events %+v", events)
	}
	l := d.Lease("audit", "test", time.Minute)
	if n, err := d.Store.SealAudit(t.Context(), d.tenant.ID.Owner(), l, 100); err != nil || n != 1 {
		t.Errorf("%d audit rows (%v), want the one of the receipt", n, err)
	}
}

func TestFaultyFileIsKeptAsRejectedWithItsFindings(t *testing.T) {
	valid := batch{id: "PMT-1", iban: storetest.IBAN(1), payments: 2}
	with := func(change func(*batch)) message {
		b := valid
		change(&b)
		return message{version: "09", id: "MSG", batches: []batch{b}}
	}
	for _, tc := range []struct {
		name, want string
		m          message
	}{
		{"count declared wrong", "PAIN-B1", message{version: "09", id: "MSG", declared: 7, batches: []batch{valid}}},
		{"account of nobody", "PAIN-E9", with(func(b *batch) { b.iban = storetest.IBAN(77) })},
		{"account in another currency", "PAIN-E9", with(func(b *batch) { b.currency = "USD" })},
		{"invalid IBAN", "PAIN-E9 PAIN-E1", with(func(b *batch) { b.iban = "DE00100000000000000001" })},
		{"accounts of two contacts", "PAIN-E10", message{version: "09", id: "MSG", batches: []batch{valid, {id: "PMT-2", iban: storetest.IBAN(3), payments: 1}}}},
		{"instant", "PAIN-G3", with(func(b *batch) {
			b.type3 = "<PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl><LclInstrm><Cd>INST</Cd></LclInstrm></PmtTpInf>"
		})},
		{"urgent", "PAIN-G3", with(func(b *batch) { b.type3 = "<PmtTpInf><SvcLvl><Cd>URGP</Cd></SvcLvl></PmtTpInf>" })},
		{"several in document order", "PAIN-B1 PAIN-G3 PAIN-E9 PAIN-E10", message{version: "09", id: "MSG", declared: 9, batches: []batch{
			{id: "PMT-0", iban: storetest.IBAN(77), type3: "<PmtTpInf><SvcLvl><Cd>URGP</Cd></SvcLvl></PmtTpInf>", payments: 1}, valid,
			{id: "PMT-2", iban: storetest.IBAN(3), payments: 1}}}},
		{"batch without payments", "PAIN-A3", message{version: "09", id: "MSG", batches: []batch{{id: "PMT-1", iban: storetest.IBAN(1)}}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := newDesk(t, storetest.SQLite(t))
			text := tc.m.String()
			file := d.taken(text)
			got := d.file(file.ID)
			if got.State != hub.StateRejected || got.Detail.DuplicateOf != "" {
				t.Errorf("state %s, duplicate of %q", got.State, got.Detail.DuplicateOf)
			}
			if c := codes(got.Detail.Findings); c != tc.want {
				t.Errorf("findings %s, want %s", c, tc.want)
			}
			if string(d.body(file.ID)) != text {
				t.Error("the bytes of the rejected file are not kept")
			}
			good := d.taken(salaries("GOOD", 1).String())
			if j := next(t, d.sends()); j.File != good.ID {
				t.Errorf("first send job is for %s, want the good file: a rejected one is never sent", j.File)
			}
		})
	}
}

func TestEqualBytesAreQueuedOnce(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	text := salaries("MSG", 2).String()
	first := d.taken(text)
	for _, tc := range []struct{ name, body string }{{"as it is", text}, {"as gzip", zipped(text)}} {
		t.Run(tc.name, func(t *testing.T) {
			second := d.file(d.taken(tc.body).ID)
			if second.State != hub.StateRejected || second.Detail.DuplicateOf != first.ID || len(second.Detail.Findings) != 0 {
				t.Errorf("second submission: %s, duplicate of %q, want rejected naming %s", second.State, second.Detail.DuplicateOf, first.ID)
			}
			if string(d.body(second.ID)) != text {
				t.Error("body is not the decompressed one")
			}
		})
	}
	if other := d.taken(salaries("MSG", 3).String()); other.State != hub.StateQueued {
		t.Errorf("another file with the same message id is %s, want queued", other.State)
	}
}

func TestEqualFileOfAnotherTenantIsNoDuplicate(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	d.taken(salaries("MSG", 2).String())
	other := d.NewTenant("other")
	key := d.NewKey(other.ID, []byte("another invented hash"))
	file, err := d.Submit(t.Context(), intake.Submission{
		Principal: hub.Principal{Tenant: other.ID, Key: key.ID, Scopes: hub.Scopes()}, Body: strings.NewReader(salaries("MSG", 2).String()),
	})
	d.Must(err)
	if file.Detail.DuplicateOf != "" || codes(file.Detail.Findings) != "PAIN-E9" {
		t.Errorf("duplicate of %q, findings %s: want the foreign account alone", file.Detail.DuplicateOf, codes(file.Detail.Findings))
	}
}

// A first file whose fate is open blocks its repeat for as long as it is open, one that was not executed never does, one that was is
// blocking within the window.
func TestRepeatIsJudgedByTheFateOfTheFirst(t *testing.T) {
	const blocked, taken = hub.StateRejected, hub.StateQueued
	deliver, accept := hub.Deliver(), hub.Accept()
	for _, tc := range []struct {
		name           string
		fate           []hub.Transition
		within, beyond hub.State
	}{
		{"queued", nil, blocked, blocked},
		{"sending", []hub.Transition{hub.Send()}, blocked, blocked},
		{"unclear", []hub.Transition{hub.Send(), hub.Doubt()}, blocked, blocked},
		{"sent", []hub.Transition{deliver}, blocked, blocked},
		{"forwarded", []hub.Transition{deliver, hub.Forward()}, blocked, blocked},
		{"accepted", []hub.Transition{deliver, accept}, blocked, taken},
		{"confirmed", []hub.Transition{deliver, accept, hub.Confirm()}, blocked, taken},
		{"partially accepted", []hub.Transition{deliver, accept, hub.AcceptPartially()}, blocked, taken},
		{"failed", []hub.Transition{hub.Send(), hub.Fail()}, taken, taken},
		{"cancelled at the bank", []hub.Transition{deliver, hub.CancelAtBank()}, taken, taken},
		{"rejected by the bank", []hub.Transition{deliver, hub.RejectByBank()}, taken, taken},
	} {
		for _, when := range []struct {
			name string
			wait time.Duration
			want hub.State
		}{{"within the window", 24*time.Hour - time.Second, tc.within}, {"after it", 24*time.Hour + time.Second, tc.beyond}} {
			t.Run(tc.name+" "+when.name, func(t *testing.T) {
				d := newDesk(t, storetest.SQLite(t))
				text := salaries("MSG", 2).String()
				first := d.taken(text)
				for _, f := range tc.fate {
					d.Write(func(tx *store.Tx) error {
						return tx.Transit(t.Context(), d.tenant.ID, first.ID, f, store.Change{Actor: "test"})
					})
				}
				d.Forward(when.wait)
				again := d.taken(text)
				if again.State != when.want || (again.Detail.DuplicateOf == first.ID) != (when.want == blocked) {
					t.Errorf("the repeat is %s, duplicate of %q, want %s", again.State, again.Detail.DuplicateOf, when.want)
				}
			})
		}
	}
}

// A file that was rejected for its findings did not take the digest: once the account is set up, the same bytes are welcome.
func TestRepeatOfARejectedFileIsTaken(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	m := message{version: "09", id: "MSG", batches: []batch{{id: "PMT-1", iban: storetest.IBAN(9), payments: 1}}}
	if first := d.taken(m.String()); first.State != hub.StateRejected {
		t.Fatalf("first is %s", first.State)
	}
	d.NewAccount(d.tenant.ID, d.contact.ID, storetest.IBAN(9))
	if again := d.taken(m.String()); again.State != hub.StateQueued {
		t.Errorf("again is %s, want queued", again.State)
	}
}

func TestOfManyEqualSubmissionsAtOnceOneIsQueued(t *testing.T) {
	storetest.Each(t, func(t *testing.T, f *storetest.Fixture) {
		d := newDesk(t, f)
		text := salaries("MSG", 5).String()
		const n = 64
		files, errs := make([]hub.PaymentFile, n), make([]error, n)
		var all sync.WaitGroup
		for i := range n {
			all.Go(func() { files[i], errs[i] = d.submit(text) })
		}
		all.Wait()
		var queued []hub.FileID
		for i := range n {
			if errs[i] != nil {
				t.Fatal(errs[i])
			}
			if files[i].State == hub.StateQueued {
				queued = append(queued, files[i].ID)
			}
		}
		if len(queued) != 1 {
			t.Fatalf("%d of %d equal submissions are queued, want 1", len(queued), n)
		}
		for _, file := range files {
			if file.ID != queued[0] && (file.State != hub.StateRejected || file.Detail.DuplicateOf != queued[0]) {
				t.Errorf("file %s is %s naming %q, want rejected naming %s", file.ID, file.State, file.Detail.DuplicateOf, queued[0])
			}
		}
	})
}

func TestSubmitNeedsItsScope(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	d.principal.Scopes = []hub.Scope{hub.ScopePaymentRead, hub.ScopeDocumentRead, hub.ScopeDocumentAcknowledge}
	if _, err := d.submit(salaries("MSG", 1).String()); hub.CodeOf(err) != hub.CodeForbidden {
		t.Errorf("error %v, want forbidden", err)
	}
	d.nothingKept()
}

func TestDeclaredEncodingsAreReadAndBytesStay(t *testing.T) {
	for _, tc := range []struct{ encoding, raw, want string }{
		{"UTF-8", "M\u00fcller", "Müller"},
		{"ISO-8859-1", "M\xfcller", "Müller"},
		{"ISO-8859-15", "M\xfcller \xa4", "Müller €"},
		{"windows-1252", "M\xfcller \x80", "Müller €"},
	} {
		t.Run(tc.encoding, func(t *testing.T) {
			d := newDesk(t, storetest.SQLite(t))
			m := salaries("MSG", 1)
			m.encoding, m.creditor = tc.encoding, tc.raw
			text := m.String()
			file := d.taken(text)
			p := d.payments(file.ID)
			if len(p) != 1 || p[0].Creditor != tc.want {
				t.Errorf("payments %+v, want creditor %q", p, tc.want)
			}
			if string(d.body(file.ID)) != text {
				t.Error("the stored bytes were transcoded")
			}
		})
	}
}

var errLine = errors.New("the line broke")

// brokenLine gives its text and then fails.
func brokenLine(text string) io.Reader { return io.MultiReader(strings.NewReader(text), failing{}) }

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errLine }

func TestWhatCannotBeReadIsRefusedAndLeavesNothing(t *testing.T) {
	good := salaries("MSG", 4).String()
	long := salaries("LONG", 4000).String() // its first part is staged before its end is read
	gz := zipped(long)
	for _, tc := range []struct {
		name, encoding, message string
		code                    hub.Code
		body                    io.Reader
	}{
		{"empty", "", "PAIN-A1 line 1, column 1", hub.CodeInvalid, strings.NewReader("")},
		{"text", "", "PAIN-A1 line 1, column 1", hub.CodeInvalid, strings.NewReader("no XML at all")},
		{"unclosed", "", "PAIN-A1 line", hub.CodeInvalid, strings.NewReader(long[:len(long)-9])},
		{"mismatched tag", "", "PAIN-A1 line 5", hub.CodeInvalid, strings.NewReader(strings.Replace(good, "</CdtTrfTxInf>", "</CdtTrf>", 1))},
		{"doctype", "", "PAIN-A1 line 2, column 1", hub.CodeInvalid, strings.NewReader("<?xml version=\"1.0\"?>\n<!DOCTYPE Document [<!ENTITY a \"b\">]><Document/>")},
		{"unknown encoding", "", "PAIN-A1", hub.CodeInvalid, strings.NewReader("<?xml version=\"1.0\" encoding=\"EBCDIC\"?><Document/>")},
		{"other namespace", "", "PAIN-A2 line 1", hub.CodeInvalid, strings.NewReader(`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"/>`)},
		{"other root", "", "PAIN-A2 line 1", hub.CodeInvalid, strings.NewReader(`<html/>`)},
		{"text after the document", "", "PAIN-A1", hub.CodeInvalid, strings.NewReader(long + "<again/>")},
		{"broken line", "", "ended before", hub.CodeInvalid, brokenLine(long[:len(long)-20])},
		{"broken line at once", "", "ended before", hub.CodeInvalid, brokenLine("")},
		{"gzip said, none sent", "gzip", "the body is not", hub.CodeInvalid, strings.NewReader(good)},
		{"unknown coding", "br", "not supported", hub.CodeInvalid, strings.NewReader(good)},
		{"gzip cut", "gzip", "ended before", hub.CodeInvalid, strings.NewReader(gz[:len(gz)/2])},
		{"gzip without its checksum", "gzip", "ended before", hub.CodeInvalid, strings.NewReader(gz[:len(gz)-8])},
		{"gzip damaged", "gzip", "damaged", hub.CodeInvalid, strings.NewReader(gz[:len(gz)-8] + "\x00\x00\x00\x00" + gz[len(gz)-4:])},
		{"gzip garbled", "gzip", "damaged", hub.CodeInvalid, strings.NewReader(gz[:10] + strings.Repeat("\xff", 100))},
		{"gzip head only", "gzip", "ended before", hub.CodeInvalid, strings.NewReader(gz[:5])},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := newDesk(t, storetest.SQLite(t))
			_, err := d.Submit(t.Context(), intake.Submission{Principal: d.principal, Body: tc.body, ContentEncoding: tc.encoding})
			if hub.CodeOf(err) != tc.code || !strings.Contains(hub.MessageOf(err), tc.message) {
				t.Errorf("error %v, want %s with %q", err, tc.code, tc.message)
			}
			d.nothingKept()
			if file := d.taken(good); file.State != hub.StateQueued {
				t.Errorf("the good file afterwards is %s: the refused one left its digest", file.State)
			}
		})
	}
}

func TestLimitCountsDecompressedBytes(t *testing.T) {
	text := salaries("MSG", 10).String()
	bomb := zipped(salaries("MSG", 1).String()[:200] + strings.Repeat(" ", 50<<20))
	for _, tc := range []struct {
		name  string
		limit int
		body  string
		want  hub.Code
	}{
		{"exactly the limit", len(text), text, ""},
		{"one byte over", len(text) - 1, text, hub.CodeTooLarge},
		{"one byte over, as gzip", len(text) - 1, zipped(text), hub.CodeTooLarge},
		{"gzip bomb", 1 << 20, bomb, hub.CodeTooLarge},
	} {
		t.Run(tc.name, func(t *testing.T) {
			d := newDesk(t, storetest.SQLite(t))
			d.Intake = intake.New(intake.Options{Store: d.Store, Jobs: d.jobs, MaxBytes: int64(tc.limit)})
			if _, err := d.submit(tc.body); hub.CodeOf(err) != tc.want {
				t.Fatalf("error %v, want code %q", err, tc.want)
			}
			if tc.want != "" {
				d.nothingKept()
			}
		})
	}
}

func TestDigestIsOfTheDecompressedBytes(t *testing.T) {
	d := newDesk(t, storetest.SQLite(t))
	text := salaries("MSG", 2).String()
	file := d.taken(zipped(text))
	var first hub.FileID
	d.Write(func(tx *store.Tx) (err error) {
		first, err = tx.ClaimSubmission(t.Context(), d.tenant.ID, sha256.Sum256([]byte(text)), "another", time.Hour)
		return err
	})
	if first != file.ID {
		t.Errorf("the digest of the plain bytes belongs to %q, want %s", first, file.ID)
	}
}
