// SPDX-License-Identifier: BSD-3-Clause

extension Page {
    static let style = """

        :root {
          --page: #ffffff; --panel: #f6f7f9; --line: #dce1e7; --text: #1c232c; --quiet: #5a6573;
          --link: #1d5a9e; --bad: #b3261e; --edge: #9aa5b1; --focus: #1d5a9e;
          --computed: #2c7a57; --cached: #3f6ea8; --failed: #b3261e; --skipped: #6f7a86;
          --stopped: #9a6200; --waiting: #6f7a86; --task: #4d8f72; --on: #ffffff;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --page: #14181d; --panel: #1c2228; --line: #343c45; --text: #e2e7ec; --quiet: #9ba7b4;
            --link: #7fb2ea; --bad: #ff8a80; --edge: #5c6875; --focus: #7fb2ea;
            --computed: #5fbd92; --cached: #7ba9e0; --failed: #ff8a80; --skipped: #97a2ae;
            --stopped: #e0ab52; --waiting: #97a2ae; --task: #4f9f7c; --on: #14181d;
          }
        }
        * { box-sizing: border-box; }
        html { scroll-padding-top: 1rem; }
        body {
          margin: 0 auto; padding: 1.5rem 1.5rem 3rem; max-width: 84rem;
          background: var(--page); color: var(--text);
          font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif;
        }
        h1 { font-size: 1.6rem; font-weight: 600; line-height: 1.25; margin: 0; overflow-wrap: anywhere; }
        h2 { font-size: 1.15rem; font-weight: 600; margin: 2.25rem 0 .6rem; }
        h3 { font-size: 1rem; font-weight: 600; margin: 0; overflow-wrap: anywhere; }
        h4 {
          font-size: .78rem; font-weight: 600; margin: .9rem 0 .25rem; color: var(--quiet);
          text-transform: uppercase; letter-spacing: .04em;
        }
        a { color: var(--link); text-underline-offset: .15em; }
        p { margin: .3rem 0; }
        small, .quiet { color: var(--quiet); font-size: .86em; }
        code, pre { font: .88em/1.45 ui-monospace, "SF Mono", Menlo, "Liberation Mono", monospace; }
        code { overflow-wrap: anywhere; }
        pre {
          margin: .25rem 0; padding: .6rem .8rem; max-height: 26rem; overflow: auto;
          background: var(--panel); border: 1px solid var(--line); border-radius: 6px;
          white-space: pre-wrap; overflow-wrap: anywhere; tab-size: 4;
        }
        pre.error { border-left: 4px solid var(--bad); }
        .run { color: var(--quiet); font-weight: 400; }
        .path { color: var(--quiet); overflow-wrap: anywhere; }
        .facts { display: flex; flex-wrap: wrap; gap: .6rem 2rem; margin: 1rem 0; }
        dt { font-size: .78rem; color: var(--quiet); }
        dd { margin: 0; font-weight: 500; }
        dd small { font-weight: 400; }
        nav { display: flex; flex-wrap: wrap; gap: .25rem 1.1rem; border-top: 1px solid var(--line);
          border-bottom: 1px solid var(--line); padding: .5rem 0; }
        footer { margin-top: 3rem; color: var(--quiet); font-size: .86em; }
        .skip { position: absolute; left: -99rem; }
        .skip:focus { left: 1rem; top: .5rem; background: var(--page); padding: .3rem .6rem; z-index: 9; }
        :focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; }
        .unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
        .badge {
          display: inline-block; padding: 0 .5em; border: 1px solid currentColor; border-radius: 1em;
          font-size: .78rem; font-weight: 500; line-height: 1.5; vertical-align: .1em; white-space: nowrap;
        }
        .badge.failed, .badge.stopped { border-radius: 3px; }
        .badge.skipped, .badge.waiting { border-style: dashed; }
        .badge.computed { color: var(--computed); } .badge.cached { color: var(--cached); }
        .badge.failed { color: var(--failed); } .badge.skipped { color: var(--skipped); }
        .badge.stopped { color: var(--stopped); } .badge.waiting { color: var(--waiting); }
        .plain { list-style: none; margin: 0; padding: 0; }
        .columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 0 3rem; }
        .bar { display: flex; flex-wrap: wrap; align-items: center; gap: .4rem 1.2rem; margin-bottom: .5rem; }
        .buttons { display: inline-flex; gap: .3rem; }
        .legend { display: inline-flex; flex-wrap: wrap; gap: .3rem .5rem; align-items: center; font-size: .86em; }
        .legend i { display: inline-block; width: 1.6em; height: .8em; vertical-align: -.05em; }
        button, input {
          font: inherit; font-size: .86rem; color: inherit; background: var(--panel);
          border: 1px solid var(--line); border-radius: 5px; padding: .15rem .6rem;
        }
        button { cursor: pointer; min-width: 2rem; }
        button:hover { border-color: var(--quiet); }
        .frame { position: relative; border: 1px solid var(--line); border-radius: 6px; background: var(--panel); }
        table { border-collapse: collapse; }
        th { text-align: left; font-weight: 500; }
        .wide { overflow-x: auto; }
        #timeline > .wide { margin-top: .8rem; }
        .tall { max-height: 26rem; overflow-y: auto; border: 1px solid var(--line); border-radius: 6px; }
        .data { width: 100%; font-size: .88rem; font-variant-numeric: tabular-nums; }
        .data th, .data td { padding: .22rem .7rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
        .data tbody tr:last-child td { border-bottom: 0; }
        .data thead th { position: sticky; top: 0; background: var(--panel); color: var(--quiet); }
        .n { text-align: right; }
        .bad { color: var(--bad); font-weight: 600; }
        .pairs th, .pairs td { padding: .15rem 1rem .15rem 0; vertical-align: top; }
        .pairs th { color: var(--quiet); font-weight: 400; white-space: nowrap; }
        .outputs { width: 100%; table-layout: fixed; }
        .outputs .data { width: auto; min-width: 16rem; }
        .outputs .tall { max-height: 17rem; width: fit-content; max-width: 100%; }
        .outputs th { width: 11rem; overflow: hidden; text-overflow: ellipsis; }
        .share { display: block; height: .6rem; min-width: 2px; border-radius: 2px; background: var(--computed); }
        .share.cached { background: var(--cached); } .share.failed { background: var(--failed); }
        .share.stopped { background: var(--stopped); } .share.skipped { background: var(--line); }
        td:has(> .share) { width: 22%; min-width: 6rem; }
        .module {
          margin: 1.2rem 0 0; padding: .8rem 1rem; border: 1px solid var(--line); border-radius: 6px;
          content-visibility: auto; contain-intrinsic-size: auto 14rem;
        }
        .module.failed { border-left: 4px solid var(--failed); }
        .module.stopped { border-left: 4px solid var(--stopped); }
        .module:target { border-color: var(--focus); box-shadow: 0 0 0 1px var(--focus); }
        .figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(30rem, 100%), 1fr)); gap: 1rem; }
        figure { margin: 0; border: 1px solid var(--line); border-radius: 6px; overflow: hidden; }
        figure > div { background: #fff; padding: .5rem; }
        figure img { display: block; margin: 0 auto; min-width: min(100%, 20rem); max-width: 100%; max-height: 36rem; }
        figcaption { padding: .4rem .8rem; font-size: .86rem; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
        summary { cursor: pointer; }
        [hidden] { display: none !important; }

        #graph-frame { overflow: auto; max-height: 36rem; min-height: 6rem; }
        #graph-picture { display: block; }
        #graph-frame.dragged, #timeline-canvas.dragged { cursor: grabbing; user-select: none; }
        .edge { fill: none; stroke: var(--edge); stroke-width: 1.1; }
        .edge.faint { stroke-opacity: .16; }
        .edge.near { stroke-opacity: 1; stroke: var(--text); stroke-width: 1.8; }
        .node rect { fill: var(--page); stroke: var(--waiting); stroke-width: 1.3; }
        .node text { fill: var(--text); font-size: 12.5px; }
        .node .note { fill: var(--quiet); font-size: 11px; }
        .node .sign { fill: var(--waiting); stroke: none; }
        .node .hollow { fill: none; stroke: var(--waiting); stroke-width: 1.3; stroke-dasharray: 2 2; }
        .node .glyph { fill: var(--on); font-size: 11.5px; font-weight: 600; text-anchor: middle; }
        .node.skipped .glyph, .node.waiting .glyph { fill: var(--quiet); }
        .node.skipped > rect:first-of-type, .node.waiting > rect:first-of-type { stroke-dasharray: 4 3; }
        .computed .sign { fill: var(--computed); } .node.computed > rect:first-of-type { stroke: var(--computed); }
        .cached .sign { fill: var(--cached); } .node.cached > rect:first-of-type { stroke: var(--cached); }
        .failed .sign { fill: var(--failed); }
        .node.failed > rect:first-of-type { stroke: var(--failed); stroke-width: 2.4; }
        .node.stopped .sign { fill: var(--stopped); stroke: none; }
        .node.stopped > rect:first-of-type { stroke: var(--stopped); stroke-width: 2.4; }
        svg a { text-decoration: none; }
        svg a:hover rect, svg a:focus-visible rect { fill: var(--panel); }
        #timeline-scroll { overflow-y: auto; overflow-x: hidden; border-radius: 6px; }
        #timeline-canvas { display: block; position: sticky; top: 0; width: 100%; touch-action: pan-y; }
        #timeline-tip {
          position: absolute; z-index: 5; pointer-events: none; white-space: pre; max-width: 34rem;
          padding: .4rem .7rem; background: var(--page); border: 1px solid var(--quiet); border-radius: 5px;
          font-size: .82rem; line-height: 1.4; overflow: hidden; text-overflow: ellipsis;
        }
        @media (max-width: 50rem) { .unseen-narrow { display: none; } body { padding: 1rem; } }
        @media print {
          :root { --page: #fff; --panel: #fff; --text: #000; --quiet: #444; --line: #bbb; --link: #000; --on: #fff;
            --computed: #2c7a57; --cached: #3f6ea8; --failed: #b3261e; --stopped: #9a6200; --edge: #888; }
          body { font-size: 10pt; padding: 0; max-width: none; }
          nav, .buttons, .bar > .quiet, .bar label, .skip, [data-call] { display: none; }
          .tall, pre, #graph-frame, #timeline-scroll { max-height: none !important; overflow: visible; }
          #graph-picture { width: 100% !important; height: auto !important; max-height: 24cm; }
          .data th, .data td { white-space: normal; }
          .module { content-visibility: visible; }
          .module h3, figure, tr { break-inside: avoid; }
          h2, h3, h4 { break-after: avoid; }
        }

        """
}
