//! The words of the command line.

use anyhow::{Result, bail};

use crate::args::Helm;

/// What a release is called that nobody named, as in Helm.
const DEFAULT_NAME: &str = "release-name";

/// The release's name and the chart, as Helm tells them apart.
pub(super) fn name_and_chart(args: &Helm) -> Result<(String, String)> {
    match args.words.as_slice() {
        [chart] => Ok((DEFAULT_NAME.to_owned(), chart.clone())),
        [_, _] if args.generate_name => bail!("cannot set --generate-name and also specify a name"),
        [_, _] if args.name_template.as_deref().is_some_and(|template| !template.is_empty()) => {
            bail!("cannot set --name-template and also specify a name")
        }
        [name, chart] => Ok((name.clone(), chart.clone())),
        [_, _, more @ ..] => bail!("expected at most two arguments, unexpected arguments: {}", more.join(", ")),
        [] => bail!("no chart is named"),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        helm: Helm,
    }

    fn parse(line: &str) -> Result<(String, String), String> {
        let helm = Line::try_parse_from(line.split(' ')).unwrap().helm;
        name_and_chart(&helm).map_err(|error| error.to_string())
    }

    #[test]
    fn the_name_may_be_left_out() {
        let pair = |name: &str, chart: &str| Ok((name.to_owned(), chart.to_owned()));
        assert_eq!(parse("helm ./web"), pair("release-name", "./web"));
        assert_eq!(parse("helm -g ./web"), pair("release-name", "./web"));
        assert_eq!(parse("helm a ./web"), pair("a", "./web"));
        assert_eq!(parse("helm --name-template= a ./web"), pair("a", "./web"));
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        for (line, message) in [
            ("helm -g a ./web", "cannot set --generate-name and also specify a name"),
            ("helm --name-template x a ./web", "cannot set --name-template and also specify a name"),
            ("helm a ./web b c", "expected at most two arguments, unexpected arguments: b, c"),
        ] {
            assert_eq!(parse(line).unwrap_err(), message);
        }
    }
}
