package witness

import (
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Validate lets xmllint judge documents by an official schema file, and fails the
// test for each that is not valid. The documents are named. The schema is one of
// the version that its name has, such as ebics_H005.xsd, or that stands before it,
// as in H003/ebics_signature.xsd, else of H004.
func Validate(t testing.TB, schema string, documents map[string][]byte) {
	t.Helper()
	xmllint := Tool(t, "xmllint", "libxml2-utils")
	folder := "H004"
	switch {
	case strings.Contains(schema, "/"):
		folder, schema, _ = strings.Cut(schema, "/")
	case strings.Contains(schema, "H003"):
		folder = "H003"
	case strings.Contains(schema, "H005"), strings.Contains(schema, "S002"):
		folder = "H005"
	}
	args := append([]string{"--nonet", "--noout", "--schema", Shared(t, "data", "ebics", "xsd", folder, schema)}, write(t, documents)...)
	out, err := exec.Command(xmllint, args...).CombinedOutput()
	if err != nil {
		t.Errorf("%s: %v\n%s", schema, err, out)
	}
	if got := strings.Count(string(out), " validates"); got != len(documents) || got == 0 {
		t.Errorf("%s: %d of %d documents are valid", schema, got, len(documents))
	}
}

// VerifySignatures lets lxml and OpenSSL verify the authentication signatures
// of signed EBICS messages.
func VerifySignatures(t testing.TB, key *rsa.PublicKey, documents map[string][]byte) {
	t.Helper()
	python := Python(t)
	der, err := x509.MarshalPKIXPublicKey(key)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "key.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der}), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(python, append([]string{"-c", verifyScript, path}, write(t, documents)...)...).CombinedOutput()
	if got := strings.Count(string(out), "right "); err != nil || got != len(documents) || got == 0 {
		t.Errorf("%d of %d signatures are right: %v\n%s", got, len(documents), err, out)
	}
}

// write puts documents into files and returns their paths.
func write(t testing.TB, documents map[string][]byte) []string {
	t.Helper()
	dir := t.TempDir()
	var paths []string
	for name, document := range documents {
		path := filepath.Join(dir, strings.NewReplacer(" ", "-", "/", "-").Replace(name)+".xml")
		if err := os.WriteFile(path, document, 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

// verifyScript checks signatures with libxml2's canonicalisation and OpenSSL:
// arguments are a public key in PEM and the documents. It prints one line each.
const verifyScript = `
import sys, base64, hashlib, copy
from lxml import etree
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding

key = serialization.load_pem_public_key(open(sys.argv[1], 'rb').read())
ds = '{http://www.w3.org/2000/09/xmldsig#}'

def canonical(element):
    # A copy that declares every namespace in scope, canonicalised as a document.
    apex = etree.Element(element.tag, attrib=dict(element.attrib), nsmap=element.nsmap)
    apex.text = element.text
    apex.extend(copy.deepcopy(child) for child in element)
    return etree.tostring(apex, method='c14n')

for path in sys.argv[2:]:
    root = etree.parse(path).getroot()
    marked = b''.join(canonical(e) for e in root.xpath("//*[@authenticate='true']"))
    info, = root.iter(ds + 'SignedInfo')
    digest = base64.b64decode(info.find('.//' + ds + 'DigestValue').text)
    value = base64.b64decode(next(root.iter(ds + 'SignatureValue')).text)
    assert hashlib.sha256(marked).digest() == digest, path
    key.verify(value, canonical(info), padding.PKCS1v15(), hashes.SHA256())
    print('right', path)
`
