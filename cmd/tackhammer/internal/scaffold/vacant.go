package scaffold

// Check fails with kit.Invalid, and says what is wrong first, where s, with its
// defaults, can be no app. Whether there is such a template, and whether its
// questions are answered, is for Plan to say.
func (s Spec) Check() error { return s.filled().check() }

// Vacant fails, as Apply would, where no new app can go into dir, and reports
// whether an empty folder stands there or nothing does.
func Vacant(dir string) (standing bool, err error) {
	t, err := place(dir)
	return t.exists, err
}

// Typed is an answer as a person types it, which Parse reads back.
func (q Question) Typed(answer any) string { return said(answer) }
