"""News of referrals, read under the reader's own policies."""

from django.db import migrations

from teamaround.database.operations import Invoker

NEWS = """
create function app.referral_news(in_teams int[], lately timestamptz, most int)
returns json language plpgsql stable as $$
begin
    return (
        select coalesce(json_agg(json_build_array(n.kind, n.team, n.given, n.family_name, n.uuid, n.at, n.subject_id, n.words)
            order by n.at desc), '[]')
        from (
            (select s.kind, t.name as team, r.given, r.family_name, r.uuid, s.recorded_at as at, r.subject_id, s.words
             from referral_step s join team t on t.id = s.author_team_id join referral r on r.id = s.referral_id
             where (s.referring_team_id = any (in_teams) or s.receiving_team_id = any (in_teams))
                and s.recorded_at >= lately and not s.author_team_id = any (in_teams))
            union all
            (select 'closed', t.name, r.given, r.family_name, r.uuid, e.closed_at, r.subject_id, e.outcome_for_referrer
             from referral r join episode e on e.id = r.episode_id join team t on t.id = r.receiving_team_id
             where r.author_team_id = any (in_teams) and e.status = 'closed' and e.closed_at >= lately
                and not r.receiving_team_id = any (in_teams))
            order by at desc limit most
        ) n
    );
end $$
"""


class Migration(migrations.Migration):
    dependencies = [("referrals", "0004_whereabouts_policies")]
    operations = [Invoker("app.referral_news(int[], timestamptz, int)", create=NEWS)]
