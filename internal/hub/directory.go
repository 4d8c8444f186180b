package hub

import (
	"time"

	"kontor/calendar"
)

// BankDirectory says which list of banks an installation has. The list itself is text in the form of package account/directory.
type BankDirectory struct {
	Version      string        // the operator's name for it
	Date         calendar.Date // when it was put together
	SHA256       string        // of its text, in hexadecimal
	Banks        int           // bank codes
	Participants int           // BICs whose ways of being reached are known
	At           time.Time     // when it was stored
}
