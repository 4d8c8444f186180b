package ebics

import "fmt"

// Version is a protocol version of EBICS, named as HEV and the messages name it.
type Version string

// The versions that client and server speak. H003 exists for banks and clients
// that have nothing newer.
const (
	H003 Version = "H003" // EBICS 2.4: the customer makes the order ids
	H004 Version = "H004" // EBICS 2.5
	H005 Version = "H005" // EBICS 3.0: business transaction formats (BTF) and certificates
)

// Versions lists what this package speaks, the newest first.
func Versions() []Version { return []Version{H005, H004, H003} }

// ParseVersion accepts exactly H003, H004 and H005.
func ParseVersion(text string) (Version, error) {
	switch v := Version(text); v {
	case H003, H004, H005:
		return v, nil
	}
	return "", fmt.Errorf("EBICS version %q: want H003, H004 or H005", clip(text))
}

// Release is the number under which HEV announces the version, such as 02.50.
func (v Version) Release() string {
	switch v {
	case H003:
		return "02.40"
	case H004:
		return "02.50"
	case H005:
		return "03.00"
	}
	return ""
}

// Classic says whether the version names orders by order type and attribute; H005
// names them by BTF.
func (v Version) Classic() bool { return v == H003 || v == H004 }
