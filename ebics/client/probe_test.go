package client_test

import (
	"archive/zip"
	"bytes"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"kontor/ebics"
	"kontor/ebics/client"
	"kontor/ebics/ebicstest/testkeys"
	"kontor/ebics/ebicstest/witness"
	"kontor/ebics/htd"
	"kontor/xmlscan"
)

// finding is what the probe bank, an independent server on libxml2 and
// OpenSSL, says about one request.
type finding struct {
	Root, Version, XSD, Order, Phase, Receipt, User string
	Exception                                       string   `json:"EXC"`
	OrderDataXSD                                    string   `json:"orderdata_xsd"`
	SignatureXSD                                    string   `json:"es_xsd"`
	OrderAttribute                                  string   `json:"orderattr"`
	DataDigest                                      []string `json:"datadigest_is"`
	NumSegments                                     string   `json:"nseg"`
	Padding                                         string   `json:"data_padding"`
	SegmentLengths                                  []int    `json:"seg_lens"`
	OrderSignatures                                 []string `json:"es_verify"`
	Auth                                            *struct {
		Digest    bool `json:"digest_ok"`
		Signature bool `json:"sig_ok"`
	}
	BankDigests map[string]string `json:"bankdigests"`
	Replay      bool
}

// startProbe starts the probe bank on a free loopback port and returns its URL
// and the folder where it records every exchange.
func startProbe(t *testing.T, args ...string) (url, captures string) {
	t.Helper()
	python, script := witness.Python(t), witness.Shared(t, "tools", "ebics-probe-bank.py")
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	captures = filepath.Join(dir, "captures")
	writeProbeKeys(t, filepath.Join(dir, "state"))
	var output bytes.Buffer
	command := exec.CommandContext(t.Context(), python, append([]string{
		script, "--port", port, "--state", filepath.Join(dir, "state"), "--cap", captures,
		"--xsd", witness.Shared(t, "data", "ebics", "xsd"),
	}, args...)...)
	command.Stdout, command.Stderr = &output, &output
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait() // it was killed: the error says so
	})
	deadline := time.Now().Add(30 * time.Second)
	for {
		connection, err := net.DialTimeout("tcp", address, time.Second)
		if err == nil {
			_ = connection.Close()
			return "http://" + address + "/kontor", captures
		}
		if time.Now().After(deadline) {
			t.Fatalf("the probe bank does not listen: %v\n%s", err, output.String())
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// writeProbeKeys gives the probe bank its keys, which it would else generate at
// every start: private keys in PEM, and certificates in DER.
func writeProbeKeys(t *testing.T, state string) {
	t.Helper()
	if err := os.Mkdir(state, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, pair := range []ebics.KeyPair{testkeys.CertifiedBank().Authentication, testkeys.CertifiedBank().Encryption} {
		der, err := x509.MarshalPKCS8PrivateKey(pair.Key)
		if err != nil {
			t.Fatal(err)
		}
		for suffix, content := range map[string][]byte{
			".pem": pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), ".crt": pair.Certificate.Raw,
		} {
			if err := os.WriteFile(filepath.Join(state, "bank_"+pair.Version+suffix), content, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// probeUsers are the two subscribers of a probe run: one for each version of
// order signatures, with what the probe bank must find such a signature to be:
// the form that the standard prescribes, over the data without CR, LF and
// Ctrl-Z, and no other.
var probeUsers = []struct {
	subscriber ebics.Subscriber
	keys       func() ebics.SubscriberKeys
	signature  string
}{
	{ebics.Subscriber{Partner: "K1", User: "U5"}, certifiedA005, "A005 K1/U5: pkcs1/single-hash/stripCRLF1A"},
	{ebics.Subscriber{Partner: "K1", User: "U6"}, testkeys.Certified, "A006 K1/U6: pss32/double-hash/stripCRLF1A"},
}

func certifiedA005() ebics.SubscriberKeys {
	keys := testkeys.Certified()
	keys.Signature.Version = ebics.A005
	return keys
}

// What a contact sends and fetches in a probe run.
var (
	probeUploads   = []ebics.OrderType{ebics.CCT, ebics.CDD}
	probeDownloads = []ebics.OrderType{ebics.HTD, ebics.C53, ebics.CRZ, ebics.CDZ, ebics.HAC}
)

// A foreign server, foreign XML, foreign cryptography: whatever padding it uses,
// into however many segments it cuts, whichever digests of its keys it takes, the
// client completes everything in both versions of order signatures, and the
// server finds nothing wrong.
// Each version meets each padding, each cut and each kind of digest at least once.
func TestClientAgainstTheProbeBank(t *testing.T) {
	pads := []string{"x923", "pkcs7", "iso10126"}
	for n, v := range ebics.Versions() {
		for m, segments := range []int{1, 3} {
			for k, digest := range []string{"key", "any"} {
				if v == ebics.H005 && digest == "key" {
					digest = "cert"
				}
				pad := pads[(n+m+k)%len(pads)]
				t.Run(fmt.Sprintf("%s, %s, %d segments, digest %s", v, pad, segments, digest), func(t *testing.T) {
					t.Parallel()
					url, captures := startProbe(t, "--pad", pad, "--segments", strconv.Itoa(segments), "--bank-digest", digest)
					for _, user := range probeUsers {
						probeRun(t, initialised(t, url, v, segments, user.subscriber, user.keys()), user.subscriber)
					}
					judgeRun(t, v, readFindings(t, captures), segments)
				})
			}
		}
	}
}

// A bank that wants the digests of certificates is no bank for H004 keys: it says
// 091008, and a person must look. Nothing else may happen.
func TestProbeBankThatWantsCertificates(t *testing.T) {
	t.Parallel()
	url, captures := startProbe(t, "--bank-digest", "cert")
	for _, user := range probeUsers {
		c := initialised(t, url, ebics.H004, 1, user.subscriber, user.keys())
		var refused *client.KeyChangedError
		if err := c.Download(t.Context(), ebics.HTD, nil); !errors.As(err, &refused) {
			t.Errorf("%s: download: %v", user.subscriber, err)
		}
		if _, err := upload(t.Context(), c, cct, []byte("order")); !errors.As(err, &refused) {
			t.Errorf("%s: upload: %v", user.subscriber, err)
		}
	}
	if got, want := len(readFindings(t, captures)), len(probeUsers)*(3+2); got != want {
		t.Errorf("%d requests, want %d", got, want)
	}
}

// What the probe bank knows of a contact's later life: H3K, other keys, the end.
func TestKeyOrdersAgainstTheProbeBank(t *testing.T) {
	t.Parallel()
	url, captures := startProbe(t, "--bank-digest", "any")
	for _, v := range ebics.Versions() {
		who := ebics.Subscriber{Partner: "K3", User: ebics.UserID(v)}
		c := initialised(t, url, v, 1, who, testkeys.Certified())
		if v != ebics.H003 {
			if err := c.H3K(t.Context()); err != nil {
				t.Error(err)
			}
		}
		next := testkeys.Certified() // the probe bank takes the order and keeps the old keys
		if err := errors.Join(c.HCS(t.Context(), next), c.HCA(t.Context(), next.Authentication, next.Encryption), c.PUB(t.Context(), next.Signature)); err != nil {
			t.Error(err)
		}
		offered, err := client.HEV(t.Context(), client.Config{URL: url, HostID: "PROBEBANK", Now: time.Now})
		if err != nil || len(offered) != 3 {
			t.Errorf("HEV: %v, %v", offered, err)
		}
	}
	for i, f := range readFindings(t, captures) {
		if f.Order == "HEV" {
			if f.XSD != "valid" {
				t.Errorf("HEV: %s", f.XSD)
			}
			continue
		}
		judge(t, fmt.Sprintf("request %d, %s %s", i+1, f.Order, f.Phase), ebics.Version(f.Version), f)
	}
}

func TestProbeBankWithoutData(t *testing.T) {
	t.Parallel()
	url, captures := startProbe(t, "--no-data")
	for _, user := range probeUsers {
		c := initialised(t, url, ebics.H004, 1, user.subscriber, user.keys())
		for _, orderType := range probeDownloads {
			if err := c.Download(t.Context(), orderType, nil); !errors.Is(err, client.ErrNoData) {
				t.Errorf("%s %s: %v", user.subscriber, orderType, err)
			}
		}
	}
	for _, f := range readFindings(t, captures) {
		if f.Receipt != "" {
			t.Errorf("%s: a receipt for nothing", f.Order)
		}
	}
}

// initialised sends the keys, fetches the bank's, and returns a client that
// trusts them. With more than one segment, uploads are cut small.
func initialised(t *testing.T, url string, v ebics.Version, segments int, who ebics.Subscriber, keys ebics.SubscriberKeys) *client.Client {
	t.Helper()
	config := client.Config{URL: url, HostID: "PROBEBANK", Version: v, Subscriber: who, Keys: keys, Now: time.Now}
	if segments > 1 {
		config.SegmentSize = 1000
	}
	c, err := client.New(config)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if err := errors.Join(c.INI(t.Context()), c.HIA(t.Context())); err != nil {
		t.Fatal(err)
	}
	bank, err := c.HPB(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	config.Bank = &bank
	if c, err = client.New(config); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// probeOrder names an order in the words of a version.
func probeOrder(v ebics.Version, t ebics.OrderType) ebics.Order {
	o := ebics.Order{Type: t}
	service, known := map[ebics.OrderType]ebics.BTF{
		ebics.CCT: creditTransfer, ebics.C53: statements, ebics.CDD: {ServiceName: "SDD", Scope: "DE", Option: "COR", MsgName: "pain.008"},
		ebics.CRZ: {ServiceName: "REP", Scope: "DE", Option: "SCT", Container: "ZIP", MsgName: "pain.002"},
		ebics.CDZ: {ServiceName: "REP", Scope: "DE", Option: "SDD", Container: "ZIP", MsgName: "pain.002"},
	}[t]
	if known && v == ebics.H005 {
		o.Service = &service
	}
	return o
}

// probeRun sends and fetches everything once.
func probeRun(t *testing.T, c *client.Client, who ebics.Subscriber) {
	t.Helper()
	ctx := t.Context()
	order := append([]byte("<Document>\r\n\x1a"), noise(2000)...)
	for _, orderType := range probeUploads {
		for _, attribute := range []string{ebics.AttributeOrder, ebics.AttributeData} {
			o := probeOrder(c.Version(), orderType)
			o.Attribute = attribute
			transaction, err := upload(ctx, c, o, order)
			if err != nil {
				t.Fatal(err)
			}
			if transaction.OrderID != "A001" {
				t.Errorf("order id %q", transaction.OrderID)
			}
		}
	}
	for _, orderType := range probeDownloads {
		var data []byte
		if err := c.DownloadOrder(ctx, probeOrder(c.Version(), orderType), "", "", func(r io.Reader) (err error) {
			data, err = io.ReadAll(r)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		switch orderType {
		case ebics.HTD:
			got, err := htd.Read(bytes.NewReader(data), xmlscan.Limits{})
			user, found := got.User(who.User)
			upload := ebics.CCT
			if c.Version() == ebics.H005 {
				upload = ebics.BTU
			}
			if _, permitted := user.Permits(upload); err != nil || !found || !permitted || len(got.Partner.Accounts) != 1 {
				t.Errorf("HTD: %v in %s", err, data)
			}
		case ebics.HAC:
			if !bytes.HasPrefix(data, []byte("<?xml")) {
				t.Errorf("HAC: %.20q", data)
			}
		default:
			if _, err := zip.NewReader(bytes.NewReader(data), int64(len(data))); err != nil {
				t.Errorf("%s: %v in %.20q", orderType, err, data)
			}
		}
	}
}

// judgeRun wants every verdict on every request to be good, and every order to
// have come in as it was meant: with its attribute, whole, and signed.
func judgeRun(t *testing.T, v ebics.Version, findings []finding, segments int) {
	t.Helper()
	type order struct{ user, kind, attribute string }
	begun, signed, receipts, further := map[order]int{}, map[string]int{}, 0, 0
	for i, f := range findings {
		judge(t, fmt.Sprintf("request %d, %s %s", i+1, f.Order, f.Phase), v, f)
		if f.NumSegments != "" {
			begun[order{f.User, f.Order, f.OrderAttribute}]++
		}
		if v == ebics.H005 && f.OrderSignatures != nil && !slices.Contains(f.DataDigest, "sha256(strip)") {
			t.Errorf("DataDigest is %v", f.DataDigest)
		}
		if f.Receipt == "0" {
			receipts++
		}
		if f.Phase == "Transfer" && (f.Order == "BTD" || slices.Contains(probeDownloads, ebics.OrderType(f.Order))) {
			further++
		}
		if f.OrderSignatures == nil {
			continue
		}
		if len(f.OrderSignatures) != 1 {
			t.Errorf("order signatures: %v", f.OrderSignatures)
		}
		signed[f.OrderSignatures[0]]++
		if len(f.SegmentLengths) < segments || segments == 1 && len(f.SegmentLengths) > 1 || f.Padding != "x923" && f.Padding != "len16" {
			t.Errorf("%d segments, padding %s", len(f.SegmentLengths), f.Padding)
		}
	}
	for _, user := range probeUsers {
		for _, orderType := range probeUploads {
			for _, attribute := range []string{"OZHNN", "DZHNN"} {
				o, count := order{string(user.subscriber.User), string(orderType), attribute}, 1
				if v == ebics.H005 { // has no words for either
					o, count = order{string(user.subscriber.User), "BTU", ""}, 2*len(probeUploads)
				}
				if begun[o] != count {
					t.Errorf("%d uploads %+v", begun[o], o)
				}
			}
		}
		if signed[user.signature] != 2*len(probeUploads) {
			t.Errorf("order signatures %v, want some %q", signed, user.signature)
		}
	}
	if want := len(probeUsers) * len(probeDownloads) * (segments - 1); further != want {
		t.Errorf("%d further segments were fetched, want %d", further, want)
	}
	kinds := 2 * len(probeUploads)
	if v == ebics.H005 {
		kinds = 1
	}
	if want := len(probeUsers) * len(probeDownloads); receipts != want || len(begun) != kinds*len(probeUsers) || len(signed) != len(probeUsers) {
		t.Errorf("%d receipts, want %d; uploads %v; signatures %v", receipts, want, begun, signed)
	}
}

// judge wants every verdict of the probe bank to be good.
func judge(t *testing.T, name string, v ebics.Version, f finding) {
	t.Helper()
	if f.Exception != "" {
		t.Errorf("%s: %s", name, f.Exception)
	}
	if f.XSD != "valid" || f.Version != string(v) || f.Replay {
		t.Errorf("%s: schema says %s, version %s, replay %t", name, f.XSD, f.Version, f.Replay)
	}
	if f.Root == "ebicsUnsecuredRequest" {
		if f.OrderDataXSD != "valid" {
			t.Errorf("%s: order data: %s", name, f.OrderDataXSD)
		}
		return
	}
	if f.Auth == nil || !f.Auth.Digest || !f.Auth.Signature {
		t.Errorf("%s: authentication signature: %+v", name, f.Auth)
	}
	if f.NumSegments != "" && f.SignatureXSD != "valid" {
		t.Errorf("%s: signature data: %s", name, f.SignatureXSD)
	}
	for key, digest := range f.BankDigests {
		if v == ebics.H005 && digest == "cert" {
			continue
		}
		if v == ebics.H005 || digest != "key" {
			t.Errorf("%s: digest of bank's %s key: %s", name, key, digest)
		}
	}
}

func readFindings(t *testing.T, captures string) []finding {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(captures, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	findings := make([]finding, len(files))
	for _, file := range files {
		number, err := strconv.Atoi(strings.SplitN(filepath.Base(file), "_", 2)[0])
		if err != nil || number < 1 || number > len(files) {
			t.Fatalf("capture %s", file)
		}
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &findings[number-1]); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
	}
	return findings
}
