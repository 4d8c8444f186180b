package client_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"kontor/ebics"
	"kontor/ebics/client"
	"kontor/ebics/ebicstest/testkeys"
	"kontor/ebics/ebicstest/witness"
)

// finding is what the probe bank, an independent server on libxml2 and
// OpenSSL, says about one request.
type finding struct {
	Root, Version, XSD, Order, Phase, Receipt, Segment string
	Exception                                          string   `json:"EXC"`
	OrderDataXSD                                       string   `json:"orderdata_xsd"`
	SignatureXSD                                       string   `json:"es_xsd"`
	OrderAttribute                                     string   `json:"orderattr"`
	Padding                                            string   `json:"data_padding"`
	SHA256                                             string   `json:"data_sha256"`
	SegmentStyle                                       string   `json:"seg_style"`
	SegmentLengths                                     []int    `json:"seg_lens"`
	OrderSignatures                                    []string `json:"es_verify"`
	Auth                                               *struct {
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

// A foreign server, foreign XML, foreign cryptography: the client completes
// everything, and the server finds nothing wrong.
func TestClientAgainstTheProbeBank(t *testing.T) {
	for _, row := range []struct {
		name     string
		args     []string
		segments int // of the upload, at least
		size     int // of an upload's segments
	}{
		{"one segment, X9.23", nil, 1, 0},
		{"three segments, PKCS#7", []string{"--segments", "3", "--pad", "pkcs7"}, 3, 1000},
		{"three segments, ISO 10126", []string{"--segments", "3", "--pad", "iso10126"}, 3, 1000},
	} {
		t.Run(row.name, func(t *testing.T) {
			t.Parallel()
			url, captures := startProbe(t, row.args...)
			config := client.Config{
				URL: url, HostID: "PROBEBANK", Subscriber: subscriber, Keys: testkeys.Subscriber(), Now: time.Now, SegmentSize: row.size,
			}
			order := append([]byte("<Document>\r\n\x1a"), noise(3000)...)
			probeRun(t, config, order)
			findings := readFindings(t, captures)
			// INI, HIA, HPB, two uploads, three downloads of one to three segments.
			if len(findings) < 3+2*(1+row.segments)+3*2 {
				t.Errorf("only %d requests were recorded", len(findings))
			}
			for i, f := range findings {
				judge(t, fmt.Sprintf("request %d, %s %s", i+1, f.Order, f.Phase), f)
			}
			uploads, receipts := 0, 0
			for _, f := range findings {
				if f.Receipt == "0" {
					receipts++
				}
				if f.OrderSignatures == nil {
					continue
				}
				uploads++
				if len(f.OrderSignatures) != 1 || !strings.Contains(f.OrderSignatures[0], "pss32/double-hash/stripCRLF1A") {
					t.Errorf("order signature: %v", f.OrderSignatures)
				}
				if len(f.SegmentLengths) < row.segments || f.Padding != "x923" && f.Padding != "len16" {
					t.Errorf("%d segments, padding %s", len(f.SegmentLengths), f.Padding)
				}
			}
			if uploads != 2 || receipts != 3 {
				t.Errorf("%d uploads, %d receipts", uploads, receipts)
			}
		})
	}
}

// probeRun plays the life of a contact.
func probeRun(t *testing.T, config client.Config, order []byte) {
	t.Helper()
	ctx := t.Context()
	c, err := client.New(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.INI(ctx); err != nil {
		t.Fatal(err)
	}
	if err := c.HIA(ctx); err != nil {
		t.Fatal(err)
	}
	keys, err := c.HPB(ctx)
	if err != nil {
		t.Fatal(err)
	}
	config.Bank = &keys
	if c, err = client.New(config); err != nil {
		t.Fatal(err)
	}
	for _, attribute := range []string{ebics.AttributeOrder, ebics.AttributeData} {
		transaction, err := upload(ctx, c, client.Order{Type: ebics.CCT, Attribute: attribute}, order)
		if err != nil {
			t.Fatal(err)
		}
		if transaction.OrderID != "A001" {
			t.Errorf("order id %q", transaction.OrderID)
		}
	}
	for orderType, start := range map[ebics.OrderType]string{ebics.C53: "PK\x03\x04", ebics.CRZ: "PK\x03\x04", ebics.HAC: "<?xml"} {
		var data []byte
		if err := c.Download(ctx, orderType, func(r io.Reader) (err error) {
			data, err = io.ReadAll(r)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if !strings.HasPrefix(string(data), start) {
			t.Errorf("%s: %.20q", orderType, data)
		}
	}
}

// judge wants every verdict of the probe bank to be good.
func judge(t *testing.T, name string, f finding) {
	t.Helper()
	if f.Exception != "" {
		t.Errorf("%s: %s", name, f.Exception)
	}
	if f.XSD != "valid" || f.Version != "H004" || f.Replay {
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
	if f.OrderAttribute == ebics.AttributeOrder && f.SignatureXSD != "valid" {
		t.Errorf("%s: signature data: %s", name, f.SignatureXSD)
	}
	for key, digest := range f.BankDigests {
		if digest != "key" {
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

func TestProbeBankWithoutData(t *testing.T) {
	t.Parallel()
	url, _ := startProbe(t, "--no-data")
	config := client.Config{URL: url, HostID: "PROBEBANK", Subscriber: subscriber, Keys: testkeys.Subscriber(), Now: time.Now}
	c, err := client.New(config)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(c.INI(t.Context()), c.HIA(t.Context())); err != nil {
		t.Fatal(err)
	}
	keys, err := c.HPB(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	config.Bank = &keys
	if c, err = client.New(config); err != nil {
		t.Fatal(err)
	}
	if err := c.Download(t.Context(), ebics.HAC, nil); !errors.Is(err, client.ErrNoData) {
		t.Errorf("%v", err)
	}
}
