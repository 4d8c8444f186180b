#!/usr/bin/python3
"""Independent judgement of recorded EBICS H004 messages: lxml (libxml2) canonicalises, OpenSSL verifies. Nothing of Kontor is used.

verify.py hia REQUEST USERKEY.pem
    writes the X002 public key of a recorded HIA request.
verify.py bank BANKKEYS.json X002HASH E002HASH BANKKEY.pem
    writes the X002 public key of the sandbox's key file after comparing both keys with the hashes that the bank publishes.
verify.py orderdata REQUEST OUT
    writes the inflated order data of an unencrypted request (INI, HIA).
verify.py signatures KEY.pem FILE...
    verifies the authentication signature of every file; prints one line "right FILE" or "wrong FILE: reason" each.
verify.py upload BANKKEYS.json INIREQUEST OUTSIGNATURE OUTDATA REQUEST...
    decrypts a recorded upload (initialisation and transfers, in order) with the bank's key, verifies the A006 order signature with the key of
    the recorded INI request, and writes the user signature document and the order data.
"""
import base64
import copy
import hashlib
import json
import sys
import zlib

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from lxml import etree

DS = "{http://www.w3.org/2000/09/xmldsig#}"
PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)


def local(root, name):
    """The one element of a local name."""
    found = root.xpath("//*[local-name()=$n]", n=name)
    assert len(found) == 1, "%d elements %s" % (len(found), name)
    return found[0]


def value(root, name):
    return base64.b64decode(local(root, name).text)


def canonical(element):
    """Canonical form of an element as the apex of its subtree. libxml2 canonicalises documents well and subtrees of lxml's serialiser not
    always, so the element is copied into a document whose root declares every namespace that was in scope."""
    apex = etree.Element(element.tag, attrib=dict(element.attrib), nsmap=element.nsmap)
    apex.text = element.text
    apex.extend(copy.deepcopy(child) for child in element)
    again = etree.fromstring(etree.tostring(apex), PARSER)
    return etree.tostring(again, method="c14n", exclusive=False, with_comments=False)


def verify(path, key):
    root = etree.parse(path, PARSER).getroot()
    references = list(root.iter(DS + "Reference"))
    assert len(references) == 1, "%d references" % len(references)
    assert references[0].get("URI") == "#xpointer(//*[@authenticate='true'])", "reference to " + str(references[0].get("URI"))
    marked = root.xpath("//*[@authenticate='true']")
    assert marked, "nothing is marked authenticate"
    digest = hashlib.sha256(b"".join(canonical(e) for e in marked)).digest()
    assert digest == base64.b64decode(references[0].find(DS + "DigestValue").text), "digest"
    info = next(root.iter(DS + "SignedInfo"))
    key.verify(base64.b64decode(next(root.iter(DS + "SignatureValue")).text), canonical(info), padding.PKCS1v15(), hashes.SHA256())


def public(modulus, exponent):
    return rsa.RSAPublicNumbers(int.from_bytes(exponent, "big"), int.from_bytes(modulus, "big")).public_key()


def key_hash(key):
    """SHA-256 of "exponent modulus" in lower-case hexadecimal without leading zeros."""
    n = key.public_numbers()
    return hashlib.sha256(("%x %x" % (n.e, n.n)).encode()).hexdigest()


def write_key(path, key):
    with open(path, "wb") as f:
        f.write(key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo))


def order_data(path):
    return zlib.decompress(value(etree.parse(path, PARSER).getroot(), "OrderData"))


def key_of(document, container):
    """The RSA key below the element of a local name in INI or HIA order data."""
    info = local(etree.fromstring(document, PARSER), container)
    modulus, exponent = info.findall(".//" + DS + "Modulus"), info.findall(".//" + DS + "Exponent")
    assert len(modulus) == 1 and len(exponent) == 1
    return public(base64.b64decode(modulus[0].text), base64.b64decode(exponent[0].text))


def bank_keys(path):
    with open(path, "rb") as f:
        stored = json.load(f)
    return {k["version"]: serialization.load_der_private_key(base64.b64decode(k["pkcs8"]), None) for k in stored}


def decrypt(key, data):
    """E002: AES-128-CBC with a zero initialisation vector; the last byte says how many bytes are padding."""
    d = Cipher(algorithms.AES(key), modes.CBC(bytes(16))).decryptor()
    plain = d.update(data) + d.finalize()
    assert 1 <= plain[-1] <= 16, "padding"
    return zlib.decompress(plain[: -plain[-1]])


def upload(bank, ini, out_signature, out_data, requests):
    keys = bank_keys(bank)
    first = etree.parse(requests[0], PARSER).getroot()
    transaction_key = keys["E002"].decrypt(value(first, "TransactionKey"), padding.PKCS1v15())
    signature = decrypt(transaction_key, value(first, "SignatureData"))
    text = "".join(local(etree.parse(r, PARSER).getroot(), "OrderData").text.strip() for r in requests[1:])
    data = decrypt(transaction_key, base64.b64decode(text))
    digest = hashlib.sha256(data.translate(None, b"\r\n\x1a")).digest()
    signed = etree.fromstring(signature, PARSER)
    assert local(signed, "SignatureVersion").text == "A006"
    key = key_of(order_data(ini), "SignaturePubKeyInfo")
    # A006: the message that is signed is the digest of the order data; PSS hashes it once more.
    key.verify(value(signed, "SignatureValue"), digest, padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
    for path, content in ((out_signature, signature), (out_data, data)):
        with open(path, "wb") as f:
            f.write(content)


def main(command, *args):
    if command == "hia":
        write_key(args[1], key_of(order_data(args[0]), "AuthenticationPubKeyInfo"))
    elif command == "bank":
        keys = {version: k.public_key() for version, k in bank_keys(args[0]).items()}
        assert key_hash(keys["X002"]) == args[1], "the X002 key is not the published one"
        assert key_hash(keys["E002"]) == args[2], "the E002 key is not the published one"
        write_key(args[3], keys["X002"])
    elif command == "orderdata":
        with open(args[1], "wb") as f:
            f.write(order_data(args[0]))
    elif command == "signatures":
        with open(args[0], "rb") as f:
            key = serialization.load_pem_public_key(f.read())
        for path in args[1:]:
            try:
                verify(path, key)
                print("right", path)
            except Exception as e:  # every file gets its line
                print("wrong %s: %s %s" % (path, type(e).__name__, e))
    elif command == "upload":
        upload(args[0], args[1], args[2], args[3], args[4:])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(*sys.argv[1:])
