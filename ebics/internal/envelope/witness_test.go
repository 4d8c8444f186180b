package envelope

import (
	"strings"
	"testing"

	"kontor/ebics"
	"kontor/ebics/ebicstest/testkeys"
	"kontor/ebics/ebicstest/witness"
)

// The official schemas accept everything this package writes, in every version.
func TestMessagesAreValid(t *testing.T) {
	messages := map[ebics.Version]map[string][]byte{ebics.H003: {}, ebics.H004: {}, ebics.H005: {}}
	signatures := map[ebics.Version]map[string][]byte{ebics.H003: {}, ebics.H004: {}, ebics.H005: {}}
	for name, r := range requests() {
		messages[r.Version]["request "+name] = signedRequest(t, r)
	}
	for name, r := range responses() {
		messages[r.Version]["response "+name] = signedResponse(t, r)
	}
	for v, documents := range messages {
		request := UnsecuredRequest{Version: v, Host: "HOST1", Subscriber: testSubscriber, Product: "Kontor", Type: ebics.HIA, OrderData: []byte("x")}
		if v == ebics.H003 {
			request.OrderID = "A001"
		}
		var err error
		if documents["unsecured"], err = request.Write(); err != nil {
			t.Fatal(err)
		}
		answer := KeyManagementResponse{Version: v, Technical: ebics.OK, Business: ebics.OK, ReportText: "[EBICS_OK] OK"}
		for _, name := range []string{"key management", "key management with data"} {
			if documents[name], err = answer.Write(); err != nil {
				t.Fatal(err)
			}
			answer.Encryption, answer.OrderData = sampleEncryption(), []byte("QUJD")
		}
	}
	for name, data := range orderData(t) {
		v := ebics.Version(name[:4])
		if strings.Contains(name, "INI") || strings.Contains(name, "PUB") || strings.Contains(name, "signatures") {
			signatures[v][name] = data
		} else {
			messages[v][name] = data
		}
	}
	for v := range messages {
		witness.Validate(t, "ebics_"+string(v)+".xsd", messages[v])
		witness.Validate(t, map[ebics.Version]string{
			ebics.H003: "H003/ebics_signature.xsd", ebics.H004: "ebics_signature.xsd", ebics.H005: "ebics_signature_S002.xsd",
		}[v], signatures[v])
	}
	witness.Validate(t, "ebics_hev.xsd", map[string][]byte{
		"HEV request":  WriteHEVRequest("HOST1"),
		"HEV response": HEVResponse{Code: ebics.OK, ReportText: "[EBICS_OK] OK", Offered: []Offered{{"H004", "02.50"}}}.Write(),
		"HEV refusal":  HEVResponse{Code: ebics.InvalidHostID, ReportText: "text"}.Write(),
	})
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
