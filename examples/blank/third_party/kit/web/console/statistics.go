package console

import (
	"net/http"

	"github.com/labstack/echo/v4"
)

// statistics shows the page that explains the figures in plain words. Like the
// help it is open to all.
func (d *desk) statistics(c echo.Context, v *visit) error {
	u, err := d.who(c)
	if err != nil {
		return err
	}
	if u != nil {
		v.user = *u
	}
	return d.show(c, v, http.StatusOK, "statistics", "stats.title", nil)
}
