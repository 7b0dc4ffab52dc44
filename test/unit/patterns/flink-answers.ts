/**
 * What Flink 1.20's CepOperator answers, asked in its own test harness: a pattern in words (pattern-words.ts) # strategy after a match # elements # matches
 * and time-outs, with "~" for blanks. Most patterns and elements were drawn at random; that is what makes them worth keeping.
 */
export const flinkAnswers = `
begin x=a ; next y=b # noSkip # a1@1 b1@2 a2@3 c1@4 b2@5 # x:a1|y:b1@2
begin x=a ; followedBy y=b # noSkip # a1@1 c1@2 b1@3 b2@4 # x:a1|y:b1@3
begin x=a ; followedByAny y=b # noSkip # a1@1 c1@2 b1@3 b2@4 # x:a1|y:b1@3 x:a1|y:b2@4
begin x=a oneOrMore ; followedBy y=b # noSkip # a1@1 a2@2 b1@3 # x:a1,a2|y:b1@3 x:a1|y:b1@3 x:a2|y:b1@3
begin x=a oneOrMore greedy ; followedBy y=b # noSkip # a1@1 a2@2 b1@3 # x:a1,a2|y:b1@3 x:a2|y:b1@3
begin x=a ; followedBy y=b prev:5 ; followedBy z=c # noSkip # a1@1 b1@10 a2@20 b2@24 c1@50 a3@60 b3@65 # timeout~x:a1@6 x:a2|y:b2|z:c1@50 timeout~x:a3@65
begin x=a ; followedBy y=b within:10 # noSkip # a1@0 b1@10 a2@20 b2@29 a3@40 w@49 w@50 # timeout~x:a1@10 x:a2|y:b2@29 timeout~x:a3@50
begin x=a ; followedBy y=b within:10 # noSkip # a1@5 b1@15 a2@20 b2@29 a3@40 w@49 w@50 # timeout~x:a1@15 x:a2|y:b2@29 timeout~x:a3@50
begin x=a ; followedBy y=b # noSkip # a1!@5 b1!@5 b2!@5 a2!@5 w@5 b3!@5 b4@6 # x:a1|y:b1@5 late~b3@5 x:a2|y:b4@6
begin x=a ; followedBy y=b oneOrMore until:d ; followedBy z=c # noSkip # a1@1 b1@2 b2@3 d1@4 b3@5 c1@6 # x:a1|y:b1,b2|z:c1@6 x:a1|y:b1|z:c1@6
begin x=a ; followedBy y=b oneOrMore greedy until:d ; followedBy z=c # noSkip # a1@1 b1@2 b2@3 d1@4 b3@5 c1@6 # x:a1|y:b1,b2|z:c1@6
begin x=a ; notFollowedBy n=c ; followedBy y=b # noSkip # a1@1 d1@2 b1@3 a2@4 c1@5 b2@6 # x:a1|y:b1@3
begin x=a ; notNext n=c ; followedBy y=b # noSkip # a1@1 d1@2 b1@3 a2@4 c1@5 b2@6 # x:a1|y:b1@3
begin x=a ; notNext n=c # noSkip # a1@1 d1@2 a2@4 c1@5 b2@6 # x:a1@2
begin x=a oneOrMore ; followedBy y=b # skipToNext # a1@1 a2@2 a3@3 b1@4 # x:a1,a2,a3|y:b1@4 x:a2,a3|y:b1@4 x:a3|y:b1@4
begin x=a oneOrMore ; followedBy y=b # skipPastLastEvent # a1@1 a2@2 a3@3 b1@4 # x:a1,a2,a3|y:b1@4
begin x=a oneOrMore ; followedBy y=b # skipToFirst y # a1@1 a2@2 a3@3 b1@4 # x:a1,a2,a3|y:b1@4
begin x=a oneOrMore ; followedBy y=b # skipToLast x # a1@1 a2@2 a3@3 b1@4 # x:a1,a2,a3|y:b1@4 x:a3|y:b1@4
begin ( begin x=a ; followedBy y=b ) times:2 ; followedBy z=c # noSkip # a1@1 b1@2 a2@3 b2@4 c1@5 # x:a1,a2|y:b1,b2|z:c1@5
begin s=s ; followedBy ( begin x=a ; followedBy y=b ) oneOrMore optional ; followedBy z=c # noSkip # s1@0 a1@1 b1@2 a2@3 b2@4 c1@5 # s:s1|x:a1,a2|y:b1,b2|z:c1@5 s:s1|z:c1@5 s:s1|x:a1|y:b1|z:c1@5
begin ( begin p=a up ) times:1,2 ; notFollowedBy q=c within:8 # skipPastLastEvent # a4@1 a6@2 d9@3 d8@4 w@5 w@6 w@7 w@8 w@9 w@10 w@11 w@12 w@13 w@14 # p:a4,a6@9
begin ( begin p=ab times:1,2 combinations ) times:1,2 consecutive ; next q=b times:2 combinations # noSkip # a0@1 w@2 a1@3 c2@4 a3@5 w@6 b4@7 w@8 c5@9 a6@10 w@11 b7@12 # p:a3|q:b4,b7@12
begin ( begin p=ab times:2 consecutive greedy ; notFollowedBy q=bc ) oneOrMore ; notFollowedBy r=ac within:8 # skipToNext # a0@1 a1@2 b2@3 b3@4 w@5 w@6 w@7 w@8 w@9 w@10 w@11 w@12 w@13 w@14 # p:a0,a1@9 timeout~p:b3@12
begin ( begin p=bc times:2,3 ; followedBy q=a times:2 consecutive optional ) times:0,2 combinations ; followedBy r=a more:2 combinations # skipPastLastEvent # w@1 a0@2 b1@3 c2@4 b3@5 c4@6 w@7 a5@8 # r:a0,a5@8
begin ( begin p=c ; notFollowedBy q=a ) optional ; followedBy r=b times:0,2 consecutive greedy ; followedByAny s=ab more:2 # noSkip # a0@1 b1@2 d2@3 a3@4 # s:a0,b1@2 s:a0,b1,a3@4
begin ( begin p=c times:2,3 greedy ; followedByAny q=a up more:2 ) times:2 combinations optional ; followedByAny r=c optional # noSkip # w@1 a7@2 c3@3 b3@4 a1@5 b1@6 b6@7 # r:c3@3
begin p=a # noSkip # b0@1 a1@2 w@3 b2@4 a3@5 a4@6 a5@7 # p:a1@2 p:a3@5 p:a4@6 p:a5@7
begin p=a # skipToNext # b0@1 w@2 a1@3 b2@4 a3@5 # p:a1@3 p:a3@5
begin p=a ; followedBy q=a ; next ( begin r=ac ) times:0,2 consecutive # skipToLast p # a0@1 d1@2 a2@3 w@4 a3@5 # p:a0|q:a2@3 p:a0|q:a2|r:a3@5
begin p=a ; followedByAny q=c times:2,3 combinations ; notFollowedBy r=c within:8 # noSkip # w@1 c0@2 b1@3 c2@4 a3@5 w@6 w@7 w@8 w@9 w@10 w@11 w@12 w@13 w@14 w@15 # timeout~p:a3@13
begin p=a ; next ( begin q=b times:1,2 greedy ; notNext r=c ) oneOrMore combinations optional ; followedByAny s=b times:1,2 optional # skipToNext # a0@1 w@2 c1@3 b2@4 b3@5 w@6 a4@7 c5@8 # p:a0@1 p:a4@7
begin p=a ; notNext q=b within:3 # noSkip # b0@1 w@2 c1@3 c2@4 w@5 b3@6 w@7 a4@8 a5@9 w@10 w@11 w@12 w@13 w@14 w@15 w@16 w@17 w@18 w@19 # p:a4@9 timeout~p:a5@12
begin p=a more:2 ; next q=c up times:0,2 # noSkip # a9@1 b2@2 c7@3 a3@4 a2@5 d8@6 # p:a9,a3@4 p:a9,a3,a2@5 p:a3,a2@5
begin p=a oneOrMore ; followedBy q=a times:1,2 greedy # skipToLast q # c0@1 w@2 a1@3 b2@4 w@5 b3@6 b4@7 w@8 a5@9 # p:a1|q:a5@9
begin p=a oneOrMore ; notFollowedBy q=b ; next r=c within:3 # skipToNext # b0@1 b1@2 b2@3 a3@4 w@5 b4@6 c5@7 w@8 a6@9 a7@10 w@11 w@12 w@13 w@14 w@15 w@16 w@17 w@18 w@19 w@20 # timeout~p:a6,a7@12 timeout~p:a7@13
begin p=a oneOrMore combinations within:8 # noSkip # b0@1 a1@2 d2@3 w@4 b3@5 w@6 w@7 w@8 w@9 w@10 w@11 w@12 w@13 w@14 w@15 # p:a1@2 timeout~p:a1@10
begin p=a oneOrMore greedy # skipToNext # b0@1 a1@2 d2@3 a3@4 b4@5 a5@6 # p:a1@2 p:a3@4 p:a5@6
begin p=a oneOrMore optional # noSkip # b0@1 c1@2 d2@3 a3@4 b4@5 a5@6 # p:a3@4 p:a3,a5@6 p:a5@6
begin p=a optional ; followedBy q=bc times:2 within:8 # noSkip # d0@1 w@2 a1@3 w@4 c2@5 a3@6 w@7 w@8 w@9 w@10 w@11 w@12 w@13 w@14 w@15 w@16 # timeout~p:a1|q:c2@11 timeout~q:c2@13 timeout~p:a3@14
begin p=a optional ; followedByAny q=ab times:2,3 consecutive optional # skipToFirst q # b0@1 b1@2 c2@3 c3@4 # q:b0,b1@2
begin p=a times:0,2 # skipToFirst p # b0@1 c1@2 a2@3 b3@4 # p:a2@3
begin p=a times:0,2 ; followedBy ( begin q=ac more:2 greedy ; followedBy r=b ) # noSkip # c0@1 w@2 d1@3 w@4 a2@5 b3@6 b4@7 w@8 a5@9 d6@10 b7@11 # q:c0,a2|r:b3@6 q:c0,a2,a5|r:b7@11 q:a2,a5|r:b7@11
begin p=a times:0,2 ; followedBy q=b up oneOrMore consecutive ; followedBy r=c more:2 # noSkip # w@1 c9@2 w@3 b9@4 w@5 c5@6 a4@7 c9@8 a2@9 w@10 c6@11 w@12 a3@13 # q:b9|r:c5,c9@8 q:b9|r:c5,c9,c6@11
begin p=a times:0,2 combinations ; followedBy q=a # noSkip # a0@1 a1@2 c2@3 b3@4 b4@5 b5@6 b6@7 d7@8 # q:a0@1 p:a0|q:a1@2 q:a1@2
begin p=a times:1,2 ; notNext q=c within:3 # noSkip # w@1 b0@2 w@3 b1@4 b2@5 a3@6 w@7 w@8 w@9 w@10 w@11 w@12 w@13 w@14 w@15 w@16 # timeout~p:a3@9
begin p=a times:1,2 combinations ; followedBy q=ac # noSkip # b0@1 w@2 a1@3 w@4 c2@5 a3@6 # p:a1|q:c2@5
begin p=a times:2 greedy optional # noSkip # a0@1 a1@2 w@3 b2@4 d3@5 # p:a0,a1@2
begin p=a times:2,3 # noSkip # w@1 b0@2 w@3 a1@4 a2@5 c3@6 # p:a1,a2@5
begin p=a up times:0,2 ; followedBy q=a within:5 # skipPastLastEvent # c5@1 b6@2 b7@3 w@4 a1@5 a4@6 w@7 b5@8 d6@9 d7@10 w@11 w@12 w@13 w@14 w@15 w@16 w@17 w@18 w@19 w@20 # q:a1@5 q:a4@6
begin p=a up times:1,2 combinations ; followedBy q=bc oneOrMore consecutive ; notNext r=a within:5 # noSkip # b3@1 w@2 c3@3 w@4 b4@5 a6@6 w@7 w@8 w@9 w@10 w@11 w@12 w@13 w@14 w@15 w@16 # timeout~p:a6@11
begin p=a up times:2,3 greedy optional ; followedBy q=b times:2,3 ; followedBy r=a times:2 greedy optional # noSkip # b2@1 b4@2 a4@3 w@4 d9@5 a2@6 a1@7 # q:b2,b4@2 q:b2,b4|r:a4,a2@6
begin p=ab # skipToNext # w@1 a0@2 d1@3 d2@4 w@5 b3@6 b4@7 b5@8 # p:a0@2 p:b3@6 p:b4@7 p:b5@8
begin p=ab ; next q=a optional # skipPastLastEvent # b0@1 a1@2 a2@3 a3@4 d4@5 w@6 b5@7 w@8 a6@9 w@10 c7@11 # p:b0@1 p:a1@2 p:a2@3 p:a3@4 p:b5@7 p:a6@9
begin p=ab ; notFollowedBy q=c within:5 # noSkip # b0@1 w@2 b1@3 a2@4 b3@5 w@6 a4@7 c5@8 w@9 a6@10 a7@11 w@12 w@13 w@14 w@15 w@16 w@17 w@18 w@19 w@20 w@21 # p:b0@6 p:b1@8 p:a6@15 p:a7@16
begin p=ab oneOrMore ; notNext q=b ; next r=a times:0,2 # noSkip # c0@1 c1@2 b2@3 b3@4 a4@5 b5@6 a6@7 w@8 d7@9 # p:b3,a4@5 p:b3|r:a4@5 p:a4@5 p:b3|r:a4,a6@7 p:b5,a6@7 p:b5|r:a6@7 p:a6@7
begin p=ab optional # noSkip # a0@1 b1@2 b2@3 b3@4 w@5 a4@6 a5@7 d6@8 c7@9 # p:a0@1 p:b1@2 p:b2@3 p:b3@4 p:a4@6 p:a5@7
begin p=ab times:0,2 # skipToNext # b0@1 d1@2 b2@3 c3@4 a4@5 d5@6 # p:b0@1 p:b2@3 p:a4@5
begin p=ab times:0,2 combinations ; followedBy q=a ; followedBy r=a times:2 greedy optional # noSkip # d0@1 a1@2 a2@3 b3@4 # q:a1@2 p:a1|q:a2@3 q:a2@3
begin p=ab up ; notFollowedBy q=b ; notNext r=a within:8 # skipPastLastEvent # a3@1 d8@2 d3@3 b8@4 w@5 w@6 w@7 w@8 w@9 w@10 w@11 w@12 w@13 w@14 # p:a3@2 timeout~p:b8@12
begin p=ac # skipToFirst p # w@1 a0@2 a1@3 d2@4 b3@5 # p:a0@2 p:a1@3
begin p=ac times:1,2 consecutive # noSkip # a0@1 w@2 a1@3 a2@4 d3@5 c4@6 w@7 a5@8 # p:a0@1 p:a0,a1@3 p:a1@3 p:a1,a2@4 p:a2@4 p:c4@6 p:c4,a5@8 p:a5@8
begin p=ac times:1,2 consecutive ; notNext q=b ; followedBy r=ab # skipToLast r # a0@1 a1@2 w@3 a2@4 w@5 a3@6 # p:a0|r:a1@2 p:a1|r:a2@4 p:a2|r:a3@6
begin p=ac up ; notNext q=c within:3 # skipPastLastEvent # b2@1 w@2 a2@3 a7@4 b1@5 b7@6 d2@7 w@8 w@9 w@10 w@11 w@12 w@13 w@14 w@15 w@16 w@17 # p:a2@4 p:a7@5
begin p=ac up times:2 greedy ; followedBy q=bc # noSkip # a9@1 a3@2 a1@3 b4@4 w@5 b1@6 b5@7 a6@8 b8@9 # p:a3,a6|q:b8@9 p:a1,a6|q:b8@9
begin p=ac up times:2,3 ; followedBy q=c times:2,3 ; notNext r=b within:8 # noSkip # c7@1 c4@2 d7@3 c5@4 w@5 w@6 w@7 w@8 w@9 w@10 w@11 w@12 w@13 w@14 # timeout~p:c7@9 timeout~p:c4,c5@10 timeout~p:c5@12
begin p=ac up times:2,3 combinations ; next q=ac times:1,2 greedy within:8 # noSkip # d8@1 b3@2 a6@3 b2@4 w@5 a3@6 b7@7 w@8 w@9 w@10 w@11 w@12 w@13 w@14 w@15 w@16 w@17 # timeout~p:a6@11 timeout~p:a3@14
begin p=b ; followedBy q=a ; notNext r=a ; followedByAny s=c more:2 consecutive within:8 # noSkip # a0@1 b1@2 b2@3 a3@4 w@5 w@6 w@7 w@8 w@9 w@10 w@11 w@12 w@13 w@14 # timeout~p:b1|q:a3@10 timeout~p:b2|q:a3@11
begin p=b ; followedBy q=a oneOrMore until:d # noSkip # w@1 b0@2 c1@3 a2@4 w@5 a3@6 # p:b0|q:a2@4 p:b0|q:a2,a3@6
begin p=b ; followedBy q=a optional ; followedBy r=ac times:0,2 # skipToLast q # w@1 b0@2 a1@3 a2@4 b3@5 a4@6 a5@7 c6@8 b7@9 # p:b0@2 p:b0|q:a1@3 p:b3@5 p:b3|q:a4@6 p:b7@9
begin p=b ; followedBy q=b optional # skipPastLastEvent # b0@1 c1@2 w@3 a2@4 d3@5 # p:b0@1
begin p=b ; followedBy q=bc times:2,3 # skipToNext # a0@1 c1@2 b2@3 w@4 b3@5 b4@6 b5@7 # p:b2|q:b3,b4@6 p:b3|q:b4,b5@7
begin p=b ; followedByAny q=b times:2,3 consecutive optional within:3 # noSkip # a0@1 b1@2 w@3 d2@4 b3@5 d4@6 a5@7 d6@8 a7@9 w@10 w@11 w@12 w@13 w@14 w@15 w@16 w@17 w@18 w@19 # p:b1@2 p:b3@5 timeout~p:b1@5 timeout~p:b3@8
begin p=b ; notFollowedBy q=ac ; notFollowedBy r=a within:8 # noSkip # w@1 b0@2 b1@3 w@4 b2@5 b3@6 w@7 w@8 w@9 w@10 w@11 w@12 w@13 w@14 w@15 w@16 # p:b0@10 p:b1@11 p:b2@13 p:b3@14
begin p=b more:2 ; next q=b within:5 # skipPastLastEvent # b0@1 a1@2 w@3 b2@4 a3@5 a4@6 c5@7 d6@8 c7@9 w@10 w@11 w@12 w@13 w@14 w@15 w@16 w@17 w@18 w@19 # timeout~p:b0,b2@6 timeout~p:b2@9
begin p=b more:2 until:a # skipToNext # a0@1 b1@2 d2@3 b3@4 # p:b1,b3@4
begin p=b oneOrMore combinations ; followedBy ( begin q=bc ) # skipPastLastEvent # b0@1 a1@2 b2@3 b3@4 b4@5 b5@6 # p:b0|q:b2@3 p:b3|q:b4@5
begin p=b oneOrMore combinations ; followedBy q=b optional # skipToLast q # a0@1 a1@2 b2@3 a3@4 a4@5 w@6 b5@7 b6@8 w@9 d7@10 # p:b2@3 p:b2,b5@7 p:b2|q:b5@7 p:b5@7 p:b5,b6@8 p:b5|q:b6@8 p:b6@8
begin p=b oneOrMore consecutive ; notNext q=c ; notNext r=ab within:3 # noSkip # b0@1 d1@2 b2@3 w@4 a3@5 w@6 w@7 w@8 w@9 w@10 w@11 w@12 w@13 w@14 w@15 # p:b0@2
begin p=b oneOrMore consecutive greedy until:a ; followedBy q=b times:2 greedy ; notNext r=a within:8 # noSkip # a0@1 w@2 d1@3 c2@4 b3@5 w@6 w@7 w@8 w@9 w@10 w@11 w@12 w@13 w@14 w@15 # timeout~p:b3@13
begin p=b oneOrMore greedy optional ; followedBy q=ab ; next r=c up times:2 # skipPastLastEvent # w@1 a9@2 a6@3 b6@4 w@5 b1@6 a9@7 w@8 c5@9 c7@10 w@11 a6@12 # p:b6,b1|q:a9|r:c5,c7@10
begin p=b optional ; followedBy q=a times:0,2 combinations ; followedBy r=b more:2 combinations optional # skipPastLastEvent # b0@1 d1@2 b2@3 c3@4 # p:b0@1 p:b2@3
begin p=b times:0,2 ; followedBy q=b # skipToFirst q # c0@1 d1@2 b2@3 b3@4 b4@5 a5@6 w@7 a6@8 d7@9 # q:b2@3 p:b2|q:b3@4 q:b3@4 p:b3|q:b4@5 q:b4@5
begin p=b times:1,2 combinations ; followedBy ( begin q=b optional ) times:0,2 consecutive ; followedBy r=b # skipPastLastEvent # w@1 b0@2 b1@3 w@4 a2@5 a3@6 # p:b0|r:b1@3
begin p=b times:2,3 combinations ; notNext q=c within:5 # skipPastLastEvent # a0@1 b1@2 w@3 c2@4 w@5 c3@6 w@7 b4@8 a5@9 d6@10 c7@11 w@12 w@13 w@14 w@15 w@16 w@17 w@18 w@19 w@20 w@21 # timeout~p:b1@7 timeout~p:b4@13
begin p=b times:2,3 consecutive ; next q=a times:2 optional within:3 # skipPastLastEvent # a0@1 a1@2 c2@3 a3@4 w@5 b4@6 b5@7 c6@8 d7@9 w@10 w@11 w@12 w@13 w@14 w@15 w@16 w@17 w@18 w@19 # p:b4,b5@7
begin p=b up ; followedBy q=bc optional # skipToFirst p # c9@1 w@2 a1@3 c1@4 d7@5 b4@6 b6@7 c2@8 b3@9 # p:b4@6 p:b4|q:b6@7 p:b6@7 p:b6|q:c2@8 p:b3@9
begin p=b up ; followedByAny q=b up optional # skipToLast q # b4@1 w@2 b8@3 w@4 c2@5 a6@6 b8@7 a7@8 # p:b4@1 p:b4|q:b8@3 p:b8@3 p:b8|q:b8@7 p:b8@7
begin p=b up times:0,2 # noSkip # b9@1 a5@2 d1@3 w@4 b1@5 # p:b9@1 p:b1@5
begin p=b within:5 # noSkip # b0@1 a1@2 w@3 a2@4 c3@5 b4@6 c5@7 w@8 w@9 w@10 w@11 w@12 w@13 w@14 w@15 w@16 w@17 # p:b0@1 p:b4@6
begin p=bc ; followedBy q=c within:8 # noSkip # b0@1 b1@2 b2@3 b3@4 a4@5 w@6 a5@7 w@8 w@9 w@10 w@11 w@12 w@13 w@14 w@15 w@16 w@17 # timeout~p:b0@9 timeout~p:b1@10 timeout~p:b2@11 timeout~p:b3@12
begin p=bc ; followedByAny q=a up ; followedBy ( begin r=c times:2,3 consecutive optional ; followedBy s=c times:1,2 combinations ) # skipToLast p # c4@1 a7@2 c1@3 b4@4 # p:c4|q:a7|s:c1@3
begin p=bc oneOrMore ; next q=a times:0,2 consecutive # skipToFirst p # c0@1 w@2 a1@3 a2@4 d3@5 w@6 b4@7 b5@8 # p:c0@1 p:c0|q:a1@3 p:c0|q:a1,a2@4 p:c0,b4@7 p:c0,b4,b5@8
begin p=bc oneOrMore until:b optional ; followedBy q=a ; followedByAny r=a # noSkip # a0@1 a1@2 a2@3 w@4 b3@5 # q:a0|r:a1@2 q:a0|r:a2@3 q:a1|r:a2@3
begin p=bc times:1,2 ; next ( begin q=a oneOrMore consecutive optional ) ; next r=ac times:1,2 consecutive # skipPastLastEvent # a0@1 b1@2 c2@3 c3@4 a4@5 a5@6 # p:b1|r:c2@3 p:c3|r:a4@5
begin p=bc times:1,2 combinations optional # skipToNext # c0@1 w@2 a1@3 c2@4 c3@5 d4@6 a5@7 d6@8 b7@9 # p:c0@1 p:c2@4 p:c3@5 p:b7@9
begin p=bc times:1,2 consecutive greedy # skipToLast p # w@1 c0@2 w@3 a1@4 w@5 b2@6 d3@7 a4@8 a5@9 # p:c0@2 p:b2@6
begin p=bc times:2,3 combinations ; notFollowedBy q=c within:8 # noSkip # c0@1 w@2 b1@3 w@4 c2@5 a3@6 w@7 w@8 w@9 w@10 w@11 w@12 w@13 w@14 w@15 w@16 # timeout~p:c2@13
begin p=bc up ; notFollowedBy q=a within:3 # noSkip # d9@1 w@2 b4@3 w@4 c8@5 c1@6 w@7 w@8 w@9 w@10 w@11 w@12 w@13 w@14 w@15 w@16 # p:b4@6 p:c8@8 p:c1@9
begin p=bc up more:2 greedy ; notFollowedBy q=b within:8 # noSkip # c7@1 a2@2 b7@3 c6@4 w@5 c6@6 w@7 a4@8 w@9 w@10 w@11 w@12 w@13 w@14 w@15 w@16 w@17 w@18 # timeout~p:b7@11 timeout~p:c6@12 timeout~p:c6@14
begin p=bc up oneOrMore combinations ; notNext q=c within:3 # noSkip # a8@1 a6@2 w@3 b7@4 c3@5 c2@6 b9@7 c2@8 c5@9 w@10 w@11 w@12 w@13 w@14 w@15 w@16 w@17 w@18 w@19 # p:c2@7 timeout~p:c2@9 timeout~p:c5@12
begin p=c ; followedBy q=ab times:1,2 combinations ; followedBy ( begin r=b oneOrMore greedy ; notFollowedBy s=ac ) times:2 optional # noSkip # c0@1 a1@2 a2@3 a3@4 # p:c0|q:a1@2 p:c0|q:a1,a2@3 p:c0|q:a1,a3@4
begin p=c ; followedBy q=b times:0,2 combinations ; followedByAny r=b times:1,2 consecutive # noSkip # b0@1 w@2 b1@3 d2@4 w@5 c3@6 b4@7 a5@8 w@9 c6@10 b7@11 # p:c3|r:b4@7 p:c3|q:b4|r:b7@11 p:c3|r:b7@11 p:c6|r:b7@11
begin p=c ; next q=bc optional # noSkip # b0@1 a1@2 a2@3 a3@4 w@5 b4@6 w@7 b5@8 w@9 a6@10 c7@11 # p:c7@11
begin p=c more:2 combinations ; followedBy q=c times:2,3 optional within:3 # noSkip # w@1 c0@2 w@3 a1@4 c2@5 a3@6 a4@7 w@8 a5@9 b6@10 d7@11 w@12 w@13 w@14 w@15 w@16 w@17 w@18 w@19 w@20 w@21 # timeout~p:c0@5 timeout~p:c2@8
begin p=c oneOrMore greedy ; followedByAny q=a within:3 # noSkip # b0@1 d1@2 b2@3 w@4 b3@5 a4@6 c5@7 w@8 w@9 w@10 w@11 w@12 w@13 w@14 w@15 w@16 w@17 # timeout~p:c5@10
begin p=c optional # noSkip # d0@1 c1@2 w@3 c2@4 b3@5 b4@6 c5@7 w@8 c6@9 a7@10 # p:c1@2 p:c2@4 p:c5@7 p:c6@9
begin p=c times:0,2 ; followedBy ( begin q=b oneOrMore ) times:1,2 # skipToNext # b0@1 c1@2 a2@3 c3@4 w@5 d4@6 a5@7 # q:b0@1
begin p=c times:0,2 ; followedBy q=b times:0,2 consecutive # skipToLast q # b0@1 a1@2 w@3 a2@4 b3@5 w@6 c4@7 b5@8 # q:b0@1 q:b3@5 p:c4@7 p:c4|q:b5@8 q:b5@8
begin p=c times:0,2 combinations # skipToNext # c0@1 c1@2 w@3 b2@4 a3@5 c4@6 c5@7 # p:c0@1 p:c1@2 p:c4@6 p:c5@7
begin p=c times:0,2 consecutive ; followedBy q=c ; followedByAny r=ac times:1,2 combinations optional # skipToNext # a0@1 w@2 a1@3 b2@4 c3@5 w@6 a4@7 c5@8 # q:c3@5 q:c5@8
begin p=c times:1,2 # skipToNext # c0@1 w@2 d1@3 b2@4 a3@5 b4@6 c5@7 # p:c0@1 p:c5@7
begin p=c times:1,2 optional ; next q=b times:0,2 consecutive greedy ; followedBy r=c ; followedByAny s=b times:2 optional # noSkip # d0@1 a1@2 w@3 b2@4 c3@5 # q:b2|r:c3@5 r:c3@5
begin p=c times:2 combinations ; followedBy q=a ; followedByAny ( begin r=ab times:1,2 greedy ; followedBy s=c more:2 combinations ) optional # noSkip # w@1 c0@2 c1@3 b2@4 w@5 a3@6 d4@7 b5@8 c6@9 b7@10 # p:c0,c1|q:a3@6
begin p=c times:2,3 ; next q=ac times:2,3 consecutive optional within:3 # noSkip # c0@1 w@2 d1@3 d2@4 b3@5 w@6 a4@7 a5@8 w@9 w@10 w@11 w@12 w@13 w@14 w@15 w@16 w@17 w@18 # timeout~p:c0@4
begin p=c times:2,3 greedy ; notNext q=a ; next r=a times:0,2 within:5 # noSkip # c0@1 w@2 b1@3 a2@4 w@5 d3@6 a4@7 b5@8 w@9 w@10 w@11 w@12 w@13 w@14 w@15 w@16 w@17 w@18 # timeout~p:c0@6
begin p=c times:2,3 greedy optional ; followedBy q=c within:8 # noSkip # w@1 a0@2 w@3 c1@4 a2@5 c3@6 w@7 w@8 w@9 w@10 w@11 w@12 w@13 w@14 w@15 w@16 # timeout~p:c1,c3@12 timeout~p:c3@14
begin p=c up optional # skipToLast p # c1@1 w@2 a7@3 a6@4 b9@5 # p:c1@1
`;
