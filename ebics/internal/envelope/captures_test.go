package envelope

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/md5"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"kontor/ebics"
	"kontor/ebics/ebicstest/witness"
	"kontor/ebics/internal/crypto"
)

// captureKeys are the throw-away keys of the recorded exchanges.
type captureKeys struct {
	bank  ebics.BankKeys
	users map[string]map[string]ebics.PublicKey // "partner|user" → A, X, E
}

func readCaptureKeys(t *testing.T) captureKeys {
	t.Helper()
	dir := witness.Shared(t, "data", "ebics", "captures-keys")
	keys := captureKeys{users: map[string]map[string]ebics.PublicKey{}}
	keys.bank.Authentication = ebics.KeyPair{Version: ebics.X002, Key: readPEM(t, filepath.Join(dir, "bank_X002.pem"))}
	keys.bank.Encryption = ebics.KeyPair{Version: ebics.E002, Key: readPEM(t, filepath.Join(dir, "bank_E002.pem"))}
	data, err := os.ReadFile(filepath.Join(dir, "users.json"))
	if err != nil {
		t.Fatal(err)
	}
	var users map[string]map[string]struct {
		N   string
		E   int
		Ver string
	}
	if err := json.Unmarshal(data, &users); err != nil {
		t.Fatal(err)
	}
	for user, list := range users {
		keys.users[user] = map[string]ebics.PublicKey{}
		for purpose, key := range list {
			n, ok := new(big.Int).SetString(key.N, 0)
			if !ok {
				t.Fatalf("modulus of %s", user)
			}
			keys.users[user][purpose] = ebics.PublicKey{Version: key.Ver, Key: &rsa.PublicKey{N: n, E: key.E}}
		}
	}
	return keys
}

func readPEM(t *testing.T, path string) *rsa.PrivateKey {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(data)
	if block == nil {
		t.Fatalf("%s is not PEM", path)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	key, ok := parsed.(*rsa.PrivateKey)
	if !ok {
		t.Fatalf("%s is not RSA", path)
	}
	return key
}

func (k captureKeys) user(t *testing.T, file string) map[string]ebics.PublicKey {
	t.Helper()
	name := "PNODE|UNODE"
	if strings.Contains(file, "_java_") {
		name = "PJAVA|UJAVA"
	}
	keys := k.users[name]
	if keys == nil {
		t.Fatalf("no keys of %s", name)
	}
	return keys
}

// Two foreign clients and an independent server signed these: pretty-printed
// and not, prefixed and not, H004 and H005. Each must verify, and each must
// stop verifying when one bit of its signed bytes differs.
func TestRecordedMessagesVerify(t *testing.T) {
	keys := readCaptureKeys(t)
	files, err := filepath.Glob(filepath.Join(witness.Shared(t, "data", "ebics", "captures"), "*.xml"))
	if err != nil {
		t.Fatal(err)
	}
	requests, responses, unsigned := 0, 0, 0
	for _, file := range files {
		name := filepath.Base(file)
		doc, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		m, err := Read(doc)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		key := keys.user(t, name)["X"]
		switch m.Kind {
		case EbicsUnsecuredRequest, EbicsKeyManagementResponse:
			unsigned++
			continue
		case EbicsResponse:
			responses++
			key = keys.bank.Authentication.Public()
		default:
			requests++
		}
		if err := m.Verify(key); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		at := bytes.Index(doc, []byte("HostID>PROBEBANK"))
		if m.Kind == EbicsResponse {
			at = bytes.Index(doc, []byte("ReturnCode>")) // its digits follow
		}
		changed := bytes.Clone(doc)
		changed[at+len("ReturnCode>")] ^= 1
		if m, err := Read(changed); err == nil && m.Verify(key) == nil {
			t.Errorf("%s verifies after a change", name)
		}
		if m.Version != "" {
			if m.Kind == EbicsResponse {
				_, err = m.VerifyResponse(key)
			} else {
				_, err = m.VerifyRequest(key)
			}
			if err != nil {
				t.Errorf("%s is not understood: %v", name, err)
			}
		}
	}
	t.Logf("%d signed requests, %d signed responses, %d unsigned messages", requests, responses, unsigned)
	if requests < 35 || responses < 35 {
		t.Errorf("only %d requests and %d responses were checked", requests, responses)
	}
}

// The JavaScript client's CCT: its order signature and order data, as the
// recording bank found them.
func TestRecordedUploadDecrypts(t *testing.T) {
	keys := readCaptureKeys(t)
	dir := witness.Shared(t, "data", "ebics", "captures")
	user := keys.user(t, "node5")
	read := func(name string) Request {
		doc, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		m, err := Read(doc)
		if err != nil {
			t.Fatal(err)
		}
		r, err := m.VerifyRequest(user["X"])
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	initial, transfer := read("0020_node5_H004_CCT_Initialisation.req.xml"), read("0021_node5_H004_CCT_Transfer.req.xml")
	if initial.Order.Attribute != "OZHNN" || *initial.Order.Segments != 1 || initial.Order.Type != ebics.CCT {
		t.Errorf("order %+v", initial.Order)
	}
	key, err := crypto.UnwrapKey(keys.bank.Encryption.Key, initial.Encryption.TransactionKey)
	if err != nil {
		t.Fatal(err)
	}
	signatureData, err := crypto.Decrypt(key, initial.SignatureData, MaxKeyOrderData)
	if err != nil {
		t.Fatal(err)
	}
	signatures, err := ReadSignatures(signatureData)
	if err != nil {
		t.Fatal(err)
	}
	ciphertext, err := crypto.DecodeBase64(transfer.OrderData)
	if err != nil {
		t.Fatal(err)
	}
	data, err := crypto.Decrypt(key, ciphertext, 1<<20)
	if err != nil {
		t.Fatal(err)
	}
	hash := crypto.NewOrderHash()
	_, _ = hash.Write(data)
	if raw := hash.Raw(); hex.EncodeToString(raw[:]) != "a5333cf8be0725c5f8017499db20223ba3f5b8a44d0cf7b0ea1549d225d36efe" {
		t.Errorf("order data has hash %x", raw)
	}
	if len(signatures) != 1 || signatures[0].Version != ebics.A006 {
		t.Fatalf("signatures %+v", signatures)
	}
	if err := crypto.VerifyOrder(ebics.A006, user["A"].Key, hash.Normalised(), signatures[0].Value); err != nil {
		t.Error("order signature does not verify")
	}
}

// The Java client's upload of three segments, each encoded by itself, padded with
// noise, and signed with A005: what the recording bank found, we find too. The
// messages are H005, which this package does not read; their parts are the same.
func TestRecordedA005SignatureVerifies(t *testing.T) {
	keys := readCaptureKeys(t)
	user := keys.user(t, "_java_")
	part := func(doc []byte, element string) []byte {
		m := regexp.MustCompile(`<(?:\w+:)?` + element + `\b[^>]*>([^<]*)<`).FindSubmatch(doc)
		if m == nil {
			t.Fatalf("no %s", element)
		}
		return m[1]
	}
	read := func(name string) []byte {
		doc, err := os.ReadFile(filepath.Join(witness.Shared(t, "data", "ebics", "captures"), name))
		if err != nil {
			t.Fatal(err)
		}
		return doc
	}
	decode := func(text []byte) []byte {
		data, err := crypto.DecodeBase64(text)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	initial := read("0309_java_H005_XE2_Initialisation.req.xml")
	key, err := crypto.UnwrapKey(keys.bank.Encryption.Key, decode(part(initial, "TransactionKey")))
	if err != nil {
		t.Fatal(err)
	}
	signature, err := crypto.Decrypt(key, decode(part(initial, "SignatureData")), MaxKeyOrderData)
	if err != nil {
		t.Fatal(err)
	}
	var segments crypto.SegmentDecoder
	var ciphertext []byte
	for _, n := range []string{"0310", "0311", "0312"} {
		if ciphertext, err = segments.Append(ciphertext, part(read(n+"_java_H005_XE2_Transfer.req.xml"), "OrderData")); err != nil {
			t.Fatal(err)
		}
	}
	if err := segments.Finish(); err != nil {
		t.Fatal(err)
	}
	data, err := crypto.Decrypt(key, ciphertext, 4<<20)
	if err != nil {
		t.Fatal(err)
	}
	hash := crypto.NewOrderHash()
	_, _ = hash.Write(data)
	if raw := hash.Raw(); hex.EncodeToString(raw[:]) != "75bc15dd0b9fe0e61706969897eefa0dc884f2030baf10ab2f587018773a63b6" {
		t.Errorf("order data of %d bytes has hash %x", len(data), raw)
	}
	value := decode(part(signature, "SignatureValue"))
	if version := string(part(signature, "SignatureVersion")); version != ebics.A005 || user["A"].Version != version {
		t.Errorf("signature of version %s, key of version %s", version, user["A"].Version)
	}
	if err := crypto.VerifyOrder(ebics.A005, user["A"].Key, hash.Normalised(), value); err != nil {
		t.Errorf("A005 signature: %v", err)
	}
	if crypto.VerifyOrder(ebics.A006, user["A"].Key, hash.Normalised(), value) == nil {
		t.Error("the A005 signature counts as A006")
	}
}

// The bank's keys in a recorded HPB answer, with the client's own key file.
func TestRecordedHPBDecrypts(t *testing.T) {
	keys := readCaptureKeys(t)
	doc, err := os.ReadFile(filepath.Join(witness.Shared(t, "data", "ebics", "captures"), "0003_node5_H004_HPB.resp.xml"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := Read(doc)
	if err != nil {
		t.Fatal(err)
	}
	r, err := m.ReadKeyManagementResponse()
	if err != nil {
		t.Fatal(err)
	}
	own := readNodeKey(t, "E002")
	key, err := crypto.UnwrapKey(own, r.Encryption.TransactionKey)
	if err != nil {
		t.Fatal(err)
	}
	ciphertext, err := crypto.DecodeBase64(r.OrderData)
	if err != nil {
		t.Fatal(err)
	}
	data, err := crypto.Decrypt(key, ciphertext, MaxKeyOrderData)
	if err != nil {
		t.Fatal(err)
	}
	got, host, err := ReadHPB(data)
	if err != nil {
		t.Fatal(err)
	}
	if host != "PROBEBANK" || !got.Equal(keys.bank.Public()) {
		t.Errorf("host %s, keys equal: %t", host, got.Equal(keys.bank.Public()))
	}
}

// The recorded INI and HIA carry the keys that verify everything after them.
func TestRecordedKeysAreRead(t *testing.T) {
	keys := readCaptureKeys(t)
	for file, orderType := range map[string]ebics.OrderType{
		"0001_node5_H004_INI.req.xml": ebics.INI, "0002_node5_H004_HIA.req.xml": ebics.HIA,
		"0296_java_H005_INI.req.xml": ebics.INI, "0297_java_H005_HIA.req.xml": ebics.HIA,
	} {
		doc, err := os.ReadFile(filepath.Join(witness.Shared(t, "data", "ebics", "captures"), file))
		if err != nil {
			t.Fatal(err)
		}
		m, err := Read(doc)
		if err != nil {
			t.Fatal(err)
		}
		r, err := m.ReadUnsecured()
		if err != nil {
			t.Fatal(err)
		}
		data, err := crypto.Inflate(r.OrderData, MaxKeyOrderData)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ReadKeys(orderType, data)
		if err != nil {
			t.Fatal(err)
		}
		if got.Subscriber != r.Subscriber {
			t.Errorf("%s: keys of %s in a request of %s", file, got.Subscriber, r.Subscriber)
		}
		user := keys.user(t, file)
		for purpose, key := range map[string]*ebics.PublicKey{"A": got.Signature, "X": got.Authentication, "E": got.Encryption} {
			if key != nil && !key.Equal(user[purpose]) {
				t.Errorf("%s: key %s differs", file, purpose)
			}
		}
	}
}

// readNodeKey opens the JavaScript client's key file: AES-256-CBC in
// hexadecimal in base64, key and IV from MD5 over the pass phrase "test".
func readNodeKey(t *testing.T, version string) *rsa.PrivateKey {
	t.Helper()
	sealed, err := os.ReadFile(filepath.Join(witness.Shared(t, "data", "ebics", "captures-keys"), "node5-keys.json"))
	if err != nil {
		t.Fatal(err)
	}
	hexadecimal, err := base64.StdEncoding.DecodeString(string(bytes.TrimSpace(sealed)))
	if err != nil {
		t.Fatal(err)
	}
	data, err := hex.DecodeString(string(hexadecimal))
	if err != nil {
		t.Fatal(err)
	}
	var material, last []byte
	for len(material) < 48 {
		sum := md5.Sum(append(last, "test"...))
		last = sum[:]
		material = append(material, last...)
	}
	block, err := aes.NewCipher(material[:32])
	if err != nil {
		t.Fatal(err)
	}
	cipher.NewCBCDecrypter(block, material[32:48]).CryptBlocks(data, data)
	data = data[:len(data)-int(data[len(data)-1])]
	var pems map[string]string
	if err := json.Unmarshal(data, &pems); err != nil {
		t.Fatal(err)
	}
	encoded, _ := pem.Decode([]byte(pems[version]))
	if encoded == nil {
		t.Fatalf("no %s key in the key file", version)
	}
	key, err := x509.ParsePKCS1PrivateKey(encoded.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	return key
}
