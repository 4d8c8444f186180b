package hub

// Arguments of jobs. Jobs are hints: the truth about work is in the tables, so arguments carry ids alone, and a lost or doubled job
// harms nothing.
type (
	// SendJob asks dispatch to bring a queued, sending or unclear file forward.
	SendJob struct {
		Tenant TenantID `json:"tenant"`
		File   FileID   `json:"file"`
	}
	// PollJob asks collect to ask a contact's bank for whatever is due.
	PollJob struct {
		Contact ContactID `json:"contact"`
	}
	// IndexJob asks collect to split a stored download to its owners.
	IndexJob struct {
		Contact  ContactID  `json:"contact"`
		Download DownloadID `json:"download"`
	}
)

// Kind names the job.
func (SendJob) Kind() string { return "dispatch.send" }

// Kind names the job.
func (PollJob) Kind() string { return "collect.poll" }

// Kind names the job.
func (IndexJob) Kind() string { return "collect.index" }
