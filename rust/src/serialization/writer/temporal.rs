//! Dates, times, datetimes and timedeltas in pydantic's ISO 8601.

use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{
    PyDate, PyDateAccess, PyDateTime, PyDelta, PyDeltaAccess, PyTime, PyTimeAccess, PyTzInfo,
    PyTzInfoAccess,
};

use super::instances::class_address;
use super::{Run, Stop, Written};

#[inline(never)]
pub(super) fn write_date(value: &Bound<'_, PyAny>, run: &mut Run<'_>) -> Written {
    let Ok(date) = value.cast_exact::<PyDate>() else {
        // A datetime derives from date, and is refused by pydantic: but not by every release.
        return Err(Stop::mismatch(value.is_instance_of::<PyDate>()));
    };
    run.out.push(b'"');
    format_date(&mut run.out, date_of(date)?);
    run.out.push(b'"');
    Ok(())
}

#[inline(never)]
pub(super) fn write_time(value: &Bound<'_, PyAny>, run: &mut Run<'_>) -> Written {
    let Ok(time) = value.cast_exact::<PyTime>() else {
        return Err(Stop::mismatch(value.is_instance_of::<PyTime>()));
    };
    let offset = match time.get_tzinfo() {
        Some(zone) => offset_of(&zone, value.py().None().bind(value.py()))?,
        None => None,
    };
    run.out.push(b'"');
    format_time(&mut run.out, time_of(time), offset);
    run.out.push(b'"');
    Ok(())
}

#[inline(never)]
pub(super) fn write_datetime(value: &Bound<'_, PyAny>, run: &mut Run<'_>) -> Written {
    let Ok(moment) = value.cast_exact::<PyDateTime>() else {
        return Err(Stop::mismatch(value.is_instance_of::<PyDateTime>()));
    };
    let offset = match moment.get_tzinfo() {
        Some(zone) => offset_of(&zone, value)?,
        None => None,
    };
    run.out.push(b'"');
    format_date(&mut run.out, date_of(moment)?);
    run.out.push(b'T');
    format_time(&mut run.out, time_of(moment), offset);
    run.out.push(b'"');
    Ok(())
}

#[inline(never)]
pub(super) fn write_timedelta(value: &Bound<'_, PyAny>, run: &mut Run<'_>) -> Written {
    let Ok(delta) = value.cast_exact::<PyDelta>() else {
        return Err(Stop::mismatch(value.is_instance_of::<PyDelta>()));
    };
    let seconds = i64::from(delta.get_days()) * SECONDS_A_DAY + i64::from(delta.get_seconds());
    let microseconds =
        i128::from(seconds) * MICROSECONDS_A_SECOND + i128::from(delta.get_microseconds());
    run.out.push(b'"');
    format_duration(&mut run.out, microseconds);
    run.out.push(b'"');
    Ok(())
}

const SECONDS_A_DAY: i64 = 86_400;
const MICROSECONDS_A_SECOND: i128 = 1_000_000;

type Date = (u16, u8, u8);
/// Hour, minute, second, microsecond.
type Time = (u8, u8, u8, u32);

fn date_of(value: &impl PyDateAccess) -> Result<Date, Stop> {
    let year = u16::try_from(value.get_year()).map_err(|_| Stop::Unsure)?;
    Ok((year, value.get_month(), value.get_day()))
}

fn time_of(value: &impl PyTimeAccess) -> Time {
    (
        value.get_hour(),
        value.get_minute(),
        value.get_second(),
        value.get_microsecond(),
    )
}

/// Minutes east of UTC, asked of time zones that come with Python or pydantic: others run their own code.
fn offset_of(zone: &Bound<'_, PyTzInfo>, moment: &Bound<'_, PyAny>) -> Result<Option<i32>, Stop> {
    static CLASSES: PyOnceLock<Vec<Py<PyAny>>> = PyOnceLock::new();
    let py = zone.py();
    let classes = CLASSES
        .get_or_try_init(py, || {
            [
                ("datetime", "timezone"),
                ("zoneinfo", "ZoneInfo"),
                ("pydantic_core", "TzInfo"),
            ]
            .into_iter()
            .map(|(module, name)| Ok::<_, PyErr>(py.import(module)?.getattr(name)?.unbind()))
            .collect()
        })
        .map_err(|_| Stop::Unsure)?;
    if !classes
        .iter()
        .any(|class| class.as_ptr() as usize == class_address(zone))
    {
        return Err(Stop::Unsure);
    }
    let offset = zone
        .call_method1(intern!(py, "utcoffset"), (moment,))
        .map_err(|_| Stop::Unsure)?;
    if offset.is_none() {
        return Ok(None);
    }
    let offset = offset.cast_exact::<PyDelta>().map_err(|_| Stop::Unsure)?;
    let seconds = i64::from(offset.get_days()) * SECONDS_A_DAY + i64::from(offset.get_seconds());
    if seconds % 60 != 0 || offset.get_microseconds() != 0 {
        return Err(Stop::Unsure);
    }
    i32::try_from(seconds / 60)
        .map(Some)
        .map_err(|_| Stop::Unsure)
}

/// Appends `number` with at least `width` digits.
fn digits(out: &mut Vec<u8>, number: u32, width: usize) {
    let mut buffer = itoa::Buffer::new();
    let printed = buffer.format(number).as_bytes();
    out.extend(std::iter::repeat_n(
        b'0',
        width.saturating_sub(printed.len()),
    ));
    out.extend_from_slice(printed);
}

fn format_date(out: &mut Vec<u8>, (year, month, day): Date) {
    digits(out, u32::from(year), 4);
    out.push(b'-');
    digits(out, u32::from(month), 2);
    out.push(b'-');
    digits(out, u32::from(day), 2);
}

/// `offset` in minutes east of UTC.
fn format_time(out: &mut Vec<u8>, (hour, minute, second, micro): Time, offset: Option<i32>) {
    digits(out, u32::from(hour), 2);
    out.push(b':');
    digits(out, u32::from(minute), 2);
    out.push(b':');
    digits(out, u32::from(second), 2);
    if micro != 0 {
        out.push(b'.');
        digits(out, micro, 6);
    }
    match offset {
        None => {}
        Some(0) => out.push(b'Z'),
        Some(minutes) => {
            out.push(if minutes < 0 { b'-' } else { b'+' });
            digits(out, minutes.unsigned_abs() / 60, 2);
            out.push(b':');
            digits(out, minutes.unsigned_abs() % 60, 2);
        }
    }
}

/// Years of 365 days, as pydantic counts them.
fn format_duration(out: &mut Vec<u8>, microseconds: i128) {
    const DAY: u128 = SECONDS_A_DAY as u128;
    let size = microseconds.unsigned_abs();
    let (seconds, micro) = (size / 1_000_000, size % 1_000_000);
    let (days, seconds) = (seconds / DAY, seconds % DAY);
    out.extend_from_slice(if microseconds < 0 { b"-P" } else { b"P" });
    let part = |out: &mut Vec<u8>, number: u128, unit: u8| {
        if number != 0 {
            out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
            out.push(unit);
        }
    };
    part(out, days / 365, b'Y');
    part(out, days % 365, b'D');
    if seconds != 0 || micro != 0 {
        out.push(b'T');
        part(out, seconds / 3600, b'H');
        part(out, seconds % 3600 / 60, b'M');
        if micro == 0 {
            part(out, seconds % 60, b'S');
        } else {
            out.extend_from_slice(itoa::Buffer::new().format(seconds % 60).as_bytes());
            let fraction = format!("{micro:06}");
            out.push(b'.');
            out.extend_from_slice(fraction.trim_end_matches('0').as_bytes());
            out.push(b'S');
        }
    }
    if size == 0 {
        out.extend_from_slice(b"T0S");
    }
}

#[cfg(test)]
mod tests {
    use super::{format_date, format_duration, format_time};

    fn text(write: impl FnOnce(&mut Vec<u8>)) -> String {
        let mut out = Vec::new();
        write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn dates_are_padded() {
        assert_eq!(text(|out| format_date(out, (1, 2, 3))), "0001-02-03");
        assert_eq!(text(|out| format_date(out, (9999, 12, 31))), "9999-12-31");
    }

    #[test]
    fn times_have_microseconds_and_offsets_only_if_they_say_something() {
        for (time, offset, expected) in [
            ((0, 0, 0, 0), None, "00:00:00"),
            ((23, 59, 59, 100), Some(0), "23:59:59.000100Z"),
            ((1, 2, 3, 0), Some(330), "01:02:03+05:30"),
            ((1, 2, 3, 999_999), Some(-1), "01:02:03.999999-00:01"),
        ] {
            assert_eq!(text(|out| format_time(out, time, offset)), expected);
        }
    }

    #[test]
    fn durations_count_years_of_365_days() {
        const SECOND: i128 = 1_000_000;
        for (microseconds, expected) in [
            (0, "PT0S"),
            (1, "PT0.000001S"),
            (-SECOND, "-PT1S"),
            (60 * SECOND, "PT1M"),
            (3_661 * SECOND + 500_000, "PT1H1M1.5S"),
            (86_400 * SECOND, "P1D"),
            (365 * 86_400 * SECOND, "P1Y"),
            (400 * 86_400 * SECOND + 3_600 * SECOND, "P1Y35DT1H"),
            (-86_400 * SECOND - 10, "-P1DT0.00001S"),
        ] {
            assert_eq!(text(|out| format_duration(out, microseconds)), expected);
        }
    }
}
