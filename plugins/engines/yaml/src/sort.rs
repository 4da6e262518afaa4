use std::cmp::Ordering;

/// The order in which go-yaml prints keys: letters after everything else, runs of digits by their number.
pub fn compare_keys(a: &str, b: &str) -> Ordering {
    if let Some(order) = compare_ascii_words(a, b) {
        return order;
    }
    let a: Vec<char> = a.chars().collect();
    let b: Vec<char> = b.chars().collect();
    for index in 0..a.len().min(b.len()) {
        if a[index] != b[index] {
            return differ(&a, &b, index);
        }
    }
    a.len().cmp(&b.len())
}

/// Up to so many items are sorted in place.
const FEW: usize = 20;

/// Sorts by [`compare_keys`]. That is no order for some sets of keys: each of three may come before the next. The standard
/// library's sort may panic on those; this one ends with some order of them, as Go's does.
pub fn sort_by_keys<T>(items: &mut Vec<T>, key: impl Fn(&T) -> &str + Copy) {
    if items.len() > FEW {
        let mut right = items.split_off(items.len() / 2);
        sort_by_keys(items, key);
        sort_by_keys(&mut right, key);
        let left = std::mem::replace(items, Vec::with_capacity(items.len() + right.len()));
        return merge(left, right, key, items);
    }
    for end in 1..items.len() {
        let mut at = end;
        while at > 0 && compare_keys(key(&items[at]), key(&items[at - 1])).is_lt() {
            items.swap(at, at - 1);
            at -= 1;
        }
    }
}

fn merge<T>(left: Vec<T>, right: Vec<T>, key: impl Fn(&T) -> &str, into: &mut Vec<T>) {
    let (mut left, mut right) = (left.into_iter().peekable(), right.into_iter().peekable());
    while let (Some(first), Some(second)) = (left.peek(), right.peek()) {
        let is_right = compare_keys(key(second), key(first)).is_lt();
        into.extend(if is_right { right.next() } else { left.next() });
    }
    into.extend(left);
    into.extend(right);
}

/// The usual case without allocation: the first difference is between two ASCII letters, or one key starts the other.
fn compare_ascii_words(a: &str, b: &str) -> Option<Ordering> {
    for (x, y) in a.bytes().zip(b.bytes()) {
        if x == y && x.is_ascii() {
            continue;
        }
        return (x.is_ascii_alphabetic() && y.is_ascii_alphabetic()).then(|| x.cmp(&y));
    }
    Some(a.len().cmp(&b.len()))
}

fn differ(a: &[char], b: &[char], at: usize) -> Ordering {
    let (x, y) = (a[at], b[at]);
    match (x.is_alphabetic(), y.is_alphabetic()) {
        (true, true) => return x.cmp(&y),
        (true, false) => return Ordering::Greater,
        (false, true) => return Ordering::Less,
        (false, false) => {}
    }
    // A zero that continues a number counts as a digit of it, not as a leading zero.
    let inside = (x == '0' || y == '0') && a[..at].iter().rev().take_while(|c| c.is_ascii_digit()).any(|c| *c != '0');
    let (a_number, a_end) = number(a, at, inside);
    let (b_number, b_end) = number(b, at, inside);
    a_number.cmp(&b_number).then(a_end.cmp(&b_end)).then(x.cmp(&y))
}

fn number(text: &[char], at: usize, inside: bool) -> (i64, usize) {
    let mut value = i64::from(inside);
    let mut end = at;
    while let Some(digit) = text.get(end).and_then(|c| c.to_digit(10)) {
        value = value.wrapping_mul(10).wrapping_add(i64::from(digit));
        end += 1;
    }
    (value, end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_set_of_keys_is_sorted_somehow() {
        // Keys like these can form a circle, each before the next.
        let circle = ["503", ":", "_25"];
        let is_less = |a: &str, b: &str| compare_keys(a, b).is_lt();
        let mut seed = 7_u32;
        let mut next = move || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            seed >> 16
        };
        let letters = [":", "2", "8", "#", "5", "~", "N", "_", "é", "0"];
        for count in [3, FEW, FEW + 1, 300] {
            let made = (0..count).map(|_| (0..4).map(|_| letters[next() as usize % letters.len()]).collect::<String>());
            let mut keys: Vec<String> = circle.iter().map(|key| (*key).to_owned()).chain(made).collect();
            let mut before = keys.clone();
            sort_by_keys(&mut keys, |key| key);
            let mut after = keys.clone();
            before.sort_unstable();
            after.sort_unstable();
            assert_eq!(before, after, "nothing is lost");
        }
        let mut keys: Vec<String> = (0..500).rev().map(|number| format!("k{number}")).collect();
        sort_by_keys(&mut keys, |key| key);
        assert!(keys.windows(2).all(|pair| is_less(&pair[0], &pair[1])));
    }

    #[test]
    fn natural_order() {
        let mut keys =
            vec!["a10", "a2", "b", "B", "a", "a-b", "ab", "1", "a.b", "10", "9", "app.kubernetes.io/name", "app"];
        keys.sort_by(|a, b| compare_keys(a, b));
        let expected =
            ["1", "9", "10", "B", "a", "a-b", "a.b", "a2", "a10", "ab", "app", "app.kubernetes.io/name", "b"];
        assert_eq!(keys, expected);
    }
}
