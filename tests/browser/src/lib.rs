//! A phone for tests: Debian's Chromium at 360 points, driven by WebDriver (W3C, 2018).
//!
//! Each [`Phone`] is a process of its own with a profile of its own: its cookies are nobody else's.

#![allow(clippy::indexing_slicing, reason = "an absent key of JSON reads as null")]

mod pages;

pub use pages::word;

use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Patience with a page; generous, because the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(60);
/// Key of an element in answers (W3C WebDriver, 12.2).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Why a phone cannot do what it is told.
#[derive(Debug, thiserror::Error)]
pub enum PhoneError {
    /// Chromium or its driver does not start.
    #[error("chromedriver does not start (Debian package chromium-driver): {0}")]
    Start(String),
    /// The driver cannot be talked to.
    #[error("chromedriver: {0}")]
    Driver(#[from] reqwest::Error),
    /// The driver refused.
    #[error("{command}: {message}")]
    Refused {
        /// What was asked.
        command: String,
        /// The driver's words.
        message: String,
    },
    /// It never came.
    #[error("never on the page: {wanted}\nat {url}\n{text}")]
    Never {
        /// What was waited for.
        wanted: String,
        /// Where.
        url: String,
        /// What stood there instead.
        text: String,
    },
}

/// What a call gives.
pub type Told<T> = Result<T, PhoneError>;

/// Drivers that are started for one browser at most.
const STARTS: u32 = 3;

/// A browser.
pub struct Phone {
    http: reqwest::Client,
    session: String,
    driver: Child,
    _profile: tempfile::TempDir,
}

impl Phone {
    /// Starts a browser with nothing in it.
    ///
    /// # Errors
    /// [`PhoneError::Start`].
    pub async fn open() -> Told<Self> {
        Self::open_as(None).await
    }

    /// The same, calling itself by this User-Agent: what opens a link inside another program.
    ///
    /// # Errors
    /// [`PhoneError::Start`].
    pub async fn open_as(agent: Option<&str>) -> Told<Self> {
        let start = |error: std::io::Error| PhoneError::Start(error.to_string());
        let profile = tempfile::tempdir().map_err(start)?;
        let (driver, port) = driver().await?;
        let http = reqwest::Client::builder().no_proxy().timeout(PATIENCE).build()?;
        let mut arguments: Vec<String> =
            ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server"].map(str::to_owned).to_vec();
        arguments.push(format!("--user-data-dir={}", profile.path().display()));
        arguments.extend(agent.map(|agent| format!("--user-agent={agent}")));
        let options = json!({
            "args": arguments,
            "mobileEmulation": {"deviceMetrics": {"width": 360, "height": 740, "pixelRatio": 2.0, "touch": false, "mobile": true}},
        });
        let wanted = json!({"capabilities": {"alwaysMatch": {"browserName": "chrome", "goog:chromeOptions": options}}});
        let base = format!("http://127.0.0.1:{port}/session");
        let answer: Value = http.post(&base).json(&wanted).send().await?.json().await?;
        let id = answer["value"]["sessionId"].as_str().ok_or_else(|| PhoneError::Start(answer.to_string()))?;
        Ok(Self { session: format!("{base}/{id}"), http, driver, _profile: profile })
    }

    async fn ask(&self, command: &str, body: Option<Value>) -> Told<Value> {
        let url = format!("{}/{command}", self.session);
        let request = match body {
            Some(body) => self.http.post(url).json(&body),
            None => self.http.get(url),
        };
        let mut answer: Value = request.send().await?.json().await?;
        let value = answer["value"].take();
        if value["error"].is_string() {
            return Err(PhoneError::Refused { command: command.to_owned(), message: value["message"].to_string() });
        }
        Ok(value)
    }

    /// Opens an address.
    ///
    /// # Errors
    /// The [`PhoneError`].
    pub async fn go(&self, url: &str) -> Told<()> {
        self.ask("url", Some(json!({"url": url}))).await.map(drop)
    }

    /// Address of the page.
    ///
    /// # Errors
    /// The [`PhoneError`].
    pub async fn url(&self) -> Told<String> {
        Ok(self.ask("url", None).await?.as_str().unwrap_or_default().to_owned())
    }

    /// Runs a script in the page; `return …` gives a value.
    ///
    /// # Errors
    /// The [`PhoneError`].
    pub async fn run(&self, script: &str) -> Told<Value> {
        self.ask("execute/sync", Some(json!({"script": script, "args": []}))).await
    }

    /// Forgets a cookie, as a browser does that never heard the answer it came with.
    ///
    /// # Errors
    /// The [`PhoneError`].
    pub async fn forget(&self, cookie: &str) -> Told<()> {
        self.http.delete(format!("{}/cookie/{cookie}", self.session)).send().await?.error_for_status()?;
        Ok(())
    }

    /// Everything that can be read on the page.
    ///
    /// # Errors
    /// The [`PhoneError`].
    pub async fn text(&self) -> Told<String> {
        Ok(self.run("return document.body ? document.body.innerText : ''").await?.as_str().unwrap_or_default().to_owned())
    }

    /// Everything that can be read in the first frame of the page.
    ///
    /// # Errors
    /// The [`PhoneError`], also when there is no frame.
    pub async fn framed_text(&self) -> Told<String> {
        self.ask("frame", Some(json!({"id": 0}))).await?;
        let text = self.text().await;
        self.ask("frame", Some(json!({"id": null}))).await?;
        text
    }

    /// Waits until the page says something.
    ///
    /// # Errors
    /// [`PhoneError::Never`].
    pub async fn see(&self, sentence: &str) -> Told<()> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            // A page that is just being left cannot be read.
            let text = self.text().await.unwrap_or_default();
            if text.contains(sentence) {
                return Ok(());
            }
            if Instant::now() >= deadline {
                return Err(PhoneError::Never { wanted: sentence.to_owned(), url: self.url().await?, text });
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn find(&self, using: &str, value: &str) -> Told<String> {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let found = self.ask("element", Some(json!({"using": using, "value": value}))).await;
            if let Some(id) = found.as_ref().ok().and_then(|element| element[ELEMENT].as_str()) {
                return Ok(id.to_owned());
            }
            if Instant::now() >= deadline {
                return Err(PhoneError::Never { wanted: value.to_owned(), url: self.url().await?, text: self.text().await? });
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Finds an element and does something with it. One that a script has replaced in between is looked for again: nothing was
    /// done with it.
    async fn act(&self, using: &str, value: &str, does: &[(&str, Value)]) -> Told<()> {
        'found: loop {
            let id = self.find(using, value).await?;
            for (what, body) in does {
                match self.ask(&format!("element/{id}/{what}"), Some(body.clone())).await {
                    Err(PhoneError::Refused { message, .. }) if message.contains("stale element") => continue 'found,
                    done => done?,
                };
            }
            return Ok(());
        }
    }

    /// Types into the field with this name, in place of what is there.
    ///
    /// # Errors
    /// [`PhoneError::Never`] when there is none.
    pub async fn fill(&self, name: &str, text: &str) -> Told<()> {
        self.act("css selector", &format!("[name=\"{name}\"]"), &[("clear", json!({})), ("value", json!({"text": text}))]).await
    }

    /// Chooses in the list with this name, or ticks the box or point with this value.
    ///
    /// # Errors
    /// [`PhoneError::Never`] when there is none.
    pub async fn choose(&self, name: &str, value: &str) -> Told<()> {
        let selector = format!("select[name=\"{name}\"] option[value=\"{value}\"], input[name=\"{name}\"][value=\"{value}\"]");
        self.act("css selector", &selector, &[("click", json!({}))]).await
    }

    /// Presses the first button or link with this label (its beginning is enough), and waits for the page that it leads to: what is
    /// read next is never the page before.
    ///
    /// # Errors
    /// [`PhoneError::Never`] when there is none, or when it leads nowhere.
    pub async fn press(&self, label: &str) -> Told<()> {
        self.run("window.before = true").await?;
        let path = format!("(//button|//a)[starts-with(normalize-space(.), \"{label}\")]");
        self.act("xpath", &path, &[("click", json!({}))]).await?;
        let deadline = Instant::now() + PATIENCE;
        // A page that is just being left cannot be asked.
        while !self.run("return window.before === undefined && document.readyState === 'complete'").await.is_ok_and(|left| left == true) {
            if Instant::now() >= deadline {
                return Err(PhoneError::Never {
                    wanted: format!("a page behind {label}"),
                    url: self.url().await?,
                    text: self.text().await?,
                });
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    /// The picture of the page, PNG in base64.
    ///
    /// # Errors
    /// The [`PhoneError`].
    pub async fn picture(&self) -> Told<String> {
        Ok(self.ask("screenshot", None).await?.as_str().unwrap_or_default().to_owned())
    }

    /// Ends the browser.
    pub async fn close(mut self) {
        // The process is killed when this is dropped; its windows close by themselves first.
        drop(self.http.delete(&self.session).send().await);
        drop(self.driver.kill().await);
    }
}

/// A driver, and the port that it took. One that finds its port taken for IPv6 ends at once; the next one takes another.
async fn driver() -> Told<(Child, u16)> {
    let mut refused = None;
    for _ in 0..STARTS {
        let mut command = Command::new("chromedriver");
        command.arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).kill_on_drop(true);
        let mut driver = command.spawn().map_err(|error| PhoneError::Start(error.to_string()))?;
        match port_of(&mut driver).await {
            Ok(port) => return Ok((driver, port)),
            Err(error) => refused = Some(error),
        }
    }
    Err(refused.unwrap_or_else(|| PhoneError::Start("it was not started".to_owned())))
}

/// The port that the driver says it took.
async fn port_of(driver: &mut Child) -> Told<u16> {
    let silent = || PhoneError::Start("it names no port".to_owned());
    let mut lines = BufReader::new(driver.stdout.take().ok_or_else(silent)?).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let digits = line.rsplit_once("on port ").map(|(_, rest)| rest.trim_end_matches('.').trim().to_owned());
        if let Some(port) = digits.and_then(|digits| digits.parse().ok()).filter(|port| *port != 0) {
            // What it says later is read and dropped, so that it never waits for a reader.
            tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
            return Ok(port);
        }
    }
    Err(silent())
}
