package envelope

import (
	"testing"

	"kontor/ebics"
	"kontor/ebics/ebicstest/testkeys"
	"kontor/ebics/ebicstest/witness"
)

// The official schemas accept everything this package writes.
func TestMessagesAreValid(t *testing.T) {
	messages := map[string][]byte{}
	for name, r := range requests() {
		messages["request "+name] = signedRequest(t, r)
	}
	for name, r := range responses() {
		messages["response "+name] = signedResponse(t, r)
	}
	var err error
	messages["unsecured"], err = UnsecuredRequest{Host: "HOST1", Subscriber: testSubscriber, Product: "Kontor", Type: ebics.HIA, OrderData: []byte("x")}.Write()
	if err != nil {
		t.Fatal(err)
	}
	answer := KeyManagementResponse{Technical: ebics.OK, Business: ebics.OK, ReportText: "[EBICS_OK] OK"}
	for _, name := range []string{"key management", "key management with data"} {
		if messages[name], err = answer.Write(); err != nil {
			t.Fatal(err)
		}
		answer.Encryption, answer.OrderData = sampleEncryption(), []byte("QUJD")
	}
	data := orderDataSeeds()
	messages["HIA"], messages["HPB"] = data[1], data[2]
	witness.Validate(t, "ebics_H004.xsd", messages)
	witness.Validate(t, "ebics_signature.xsd", map[string][]byte{"INI": data[0], "signatures": data[3]})
}

// No EBICS client that can be had checks the bank's signatures, so other
// libraries must say that ours are right, in both directions.
func TestForeignLibrariesVerifyOurSignatures(t *testing.T) {
	signed := map[string][]byte{}
	for name, r := range requests() {
		signed[name] = signedRequest(t, r)
	}
	witness.VerifySignatures(t, testkeys.Subscriber().Authentication.Public().Key, signed)
	signed = map[string][]byte{}
	for name, r := range responses() {
		signed[name] = signedResponse(t, r)
	}
	witness.VerifySignatures(t, testkeys.Bank().Authentication.Public().Key, signed)
}
