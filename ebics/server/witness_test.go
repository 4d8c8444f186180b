package server_test

import (
	"bytes"
	"fmt"
	"testing"

	"kontor/ebics"
	"kontor/ebics/ebicstest/testkeys"
	"kontor/ebics/ebicstest/witness"
	"kontor/ebics/internal/crypto"
	"kontor/ebics/internal/envelope"
	"kontor/ebics/server"
)

// Every kind of answer, good and bad, is valid by the official schema and
// signed so that other libraries verify it.
func TestAnswersConvinceTheWitnesses(t *testing.T) {
	w := newWire(t, server.Options{SegmentSize: 100})
	key := testkeys.Subscriber().Authentication
	compressed, err := crypto.Deflate(ini(ebics.Subscriber{Partner: "K9", User: "NEW"}, testkeys.Subscriber().Signature.Public()))
	if err != nil {
		t.Fatal(err)
	}
	request, err := envelope.UnsecuredRequest{
		Version: ebics.H004, Host: "HOST1", Subscriber: ebics.Subscriber{Partner: "K9", User: "NEW"}, Type: ebics.INI, OrderData: compressed,
	}.Write()
	if err != nil {
		t.Fatal(err)
	}
	w.post(request)
	w.post([]byte("not XML"))
	order := w.order(alice, ebics.HPB, "DZHNN")
	order.Authentication, order.Encryption = nil, nil
	hpb, err := envelope.Request{Version: ebics.H004, Host: "HOST1", Order: order}.Sign(key)
	if err != nil {
		t.Fatal(err)
	}
	w.post(hpb)
	u := w.prepare([]byte("order data"), 2, a006(t, alice, testkeys.Subscriber()))
	id := w.ask(u.request, key).TransactionID
	w.ask(u.request, key)                                         // replay
	w.ask(transfer(id, 1, false, u.segments[0]), key)             // accepted
	w.ask(transfer(id, 1, false, u.segments[0]), key)             // recovery
	w.ask(transfer(id, 2, true, u.segments[1]), key)              // delivered
	w.ask(transfer(id, 2, true, u.segments[1]), key)              // unknown transaction
	w.ask(transfer(id, 2, true, nil), testkeys.Other().Signature) // not authenticated
	download := envelope.Request{Version: ebics.H004, Host: "HOST1", Phase: envelope.Initialisation, Order: w.order(alice, ebics.C53, "DZHNN")}
	w.ask(download, key) // no data
	w.bank.Offer(ebics.C53, testkeys.Bank().Encryption.Key.N.Bytes())
	download.Order = w.order(alice, ebics.C53, "DZHNN")
	first := w.ask(download, key)
	for n := 2; n <= first.Segments; n++ {
		w.ask(transfer(first.TransactionID, n, n == first.Segments, nil), key)
	}
	w.ask(receipt(first.TransactionID, 0), key)

	all, signed := map[string][]byte{}, map[string][]byte{}
	for i, answer := range w.answers {
		name := fmt.Sprintf("answer %d", i+1)
		all[name] = answer
		if bytes.Contains(answer, []byte("<AuthSignature>")) {
			signed[name] = answer
		}
	}
	if len(all)-len(signed) != 3 || len(signed) < 13 {
		t.Errorf("%d answers, %d signed", len(all), len(signed))
	}
	witness.Validate(t, "ebics_H004.xsd", all)
	witness.VerifySignatures(t, testkeys.Bank().Authentication.Public().Key, signed)
}
